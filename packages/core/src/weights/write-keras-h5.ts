/** Writes weights in Keras' older HDF5 layout, the one of Keras' own ImageNet files, which Keras 2 and 3 load. */
import { WeightsError } from "../errors.js";
import type { KerasLayer } from "./keras-layers.js";
import { requireLayerNames, writeVariable } from "./keras-variables.js";
import { type Hdf5Writer, writeHdf5 } from "./write-hdf5.js";

/** The last Keras 2, whose spelling this is. Keras 3 reads it too; neither looks at more of it than that it is not 1. */
const kerasVersion = "2.21.0";

/**
 * bytes of a list in one attribute; NumPy gives each text the length of the longest.
 * Source: Keras 3.15.1, `keras/src/legacy/saving/legacy_h5_format.py`, `HDF5_OBJECT_HEADER_LIMIT`.
 */
const maximumAttributeBytes = 64512;

/**
 * A `.h5` for `model.load_weights(path)`, also with `by_name=True`, of layers in the order of the model. Names are
 * spelled as Keras 2 does (`input_1`, `stem_bn/gamma:0`, `depthwise_kernel`), so that what came from such a file goes
 * back into an equal one. The same input gives the same bytes.
 * Throws `WeightsError` for a name that HDF5 cannot hold.
 * Source: tf_keras 2.21.0, `tf_keras/src/saving/legacy/hdf5_format.py`, `save_weights_to_hdf5_group`.
 */
export function writeKerasH5(layers: readonly KerasLayer[]): Promise<Uint8Array<ArrayBuffer>> {
  const spelled = layers.map(({ name, ...layer }) => ({ ...layer, name: keras2Names.get(name) ?? name }));
  requireLayerNames(spelled);
  return writeHdf5((root) => {
    writeTexts(
      root,
      "layer_names",
      spelled.map(({ name }) => name),
    );
    root.text("backend", "tensorflow");
    root.text("keras_version", kerasVersion);
    for (const layer of spelled) writeLayer(root.group(layer.name), layer);
    // Variables of the model itself: no network of ours has any.
    writeTexts(root.group("top_level_model_weights"), "weight_names", []);
  });
}

/** Layers that Keras 2 calls otherwise; the second is not even a layer there, but an operation. None has weights. */
const keras2Names: ReadonlyMap<string, string> = new Map([
  ["input_layer", "input_1"],
  ["rescaling_1", "tf.math.multiply"],
]);

function writeLayer(group: Hdf5Writer, { name, className, variables }: KerasLayer): void {
  const isDepthwise = className === "DepthwiseConv2D";
  const spelled = variables.map(([variable, tensor]) => {
    return { variable, tensor, dataset: `${isDepthwise && variable === "kernel" ? "depthwise_kernel" : variable}:0` };
  });
  writeTexts(
    group,
    "weight_names",
    spelled.map(({ dataset }) => `${name}/${dataset}`),
  );
  if (spelled.length === 0) return;
  const inner = group.group(name);
  for (const { variable, tensor, dataset } of spelled) writeVariable(inner, dataset, variable, tensor);
}

/** A list as attribute; one that is too long in the pieces in which Keras cuts it, `name0`, `name1`, …, equal but for one. */
function writeTexts(group: Hdf5Writer, name: string, texts: readonly string[]): void {
  const tooLong = texts.find((text) => text.length > maximumAttributeBytes);
  if (tooLong !== undefined) throw new WeightsError(`${tooLong.slice(0, 40)}…: too long for a name in an HDF5 file`);
  let pieces = [texts];
  while (pieces.some((piece) => sizeInNumPy(piece) > maximumAttributeBytes)) pieces = split(texts, pieces.length + 1);
  if (pieces.length === 1) group.texts(name, texts);
  else for (const [n, piece] of pieces.entries()) group.texts(`${name}${n}`, piece);
}

const sizeInNumPy = (texts: readonly string[]): number =>
  texts.length * Math.max(0, ...texts.map(({ length }) => length));

/** As `numpy.array_split`: the first pieces are one longer where the list does not divide. */
function split(texts: readonly string[], count: number): (readonly string[])[] {
  const [size, longer] = [Math.floor(texts.length / count), texts.length % count];
  return Array.from({ length: count }, (_, n) => {
    const start = n * size + Math.min(n, longer);
    return texts.slice(start, start + size + (n < longer ? 1 : 0));
  });
}
