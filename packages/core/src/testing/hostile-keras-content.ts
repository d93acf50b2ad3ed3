/** HDF5 files that are sound as such, but hold what no Keras model does: lists of what is not there, links, other types. */
import type { File, Group } from "h5wasm";
import type { SeededRandom } from "../seeded-random.js";
import { withDiagnostics } from "../weights/hdf5-diagnostics.js";
import { freePath, type Library } from "../weights/hdf5-transaction.js";
import { oneOf } from "./mutate.js";

/** In the layout of a `.h5` or a `.weights.h5`, with a few strange things in it. */
export async function makeStrangeKerasFile(random: SeededRandom, layout: "h5" | "weights.h5"): Promise<Uint8Array> {
  const h5wasm = await import("h5wasm");
  const { FS: files } = (await h5wasm.ready) as unknown as Library; // its types describe an older Emscripten
  // What HDF5 says about links that lead nowhere and names that are taken does not matter here.
  return withDiagnostics(files, () => {
    const path = freePath(files);
    const file = new h5wasm.File(path, "w");
    try {
      fill(random, file, layout);
    } finally {
      file.close();
    }
    const bytes = files.readFile(path);
    files.unlink(path);
    return bytes;
  });
}

function fill(random: SeededRandom, file: File, layout: "h5" | "weights.h5"): void {
  const root = random.integer(3) === 0 ? file.create_group("model_weights") : file;
  if (layout === "h5") fillOldLayout(random, root);
  else fillNewLayout(random, file.create_group("layers"), 0);
  if (random.integer(3) === 0) attribute(random, root, "keras_version");
  if (random.integer(3) === 0) attribute(random, file, "model_config");
  for (let n = random.integer(3); n > 0; n--) addStrange(random, file);
  if (random.integer(50) === 0) addTreeOfLinks(random, file);
}

/** A tree of 2^30 groups by 30 groups, each with two links to the next. */
function addTreeOfLinks(random: SeededRandom, file: File): void {
  for (let level = 0; level < 30; level++) {
    tryTo(() => file.create_group(`level${level}`));
    for (const name of ["vars", "b", "c"].slice(random.integer(2))) {
      if (level > 0) tryTo(() => file.create_hard_link(`/level${level}`, `level${level - 1}/${name}`));
    }
  }
  tryTo(() => file.create_hard_link("/level0", "layers/tree"));
}

const layerNames = ["stem_conv", "stem_bn", "dense", "model/dense", "..", ".", "/", "", "a".repeat(300), "\u202e"];
const variableNames = [
  "kernel:0",
  "bias",
  "gamma",
  "a/b/kernel:0",
  "../kernel",
  "/",
  "",
  "__proto__",
  "x".repeat(5000),
];

function fillOldLayout(random: SeededRandom, root: Group): void {
  const layers = Array.from({ length: 1 + random.integer(4) }, () => oneOf(random, layerNames));
  texts(random, root, "layer_names", layers);
  for (const layer of new Set(layers)) {
    if (random.integer(6) === 0) continue;
    const group = tryTo(() => root.create_group(layer));
    if (!group) continue;
    const variables = Array.from({ length: random.integer(4) }, () => oneOf(random, variableNames));
    texts(random, group, "weight_names", variables);
    for (const variable of new Set(variables)) if (random.integer(6) > 0) dataset(random, group, variable);
    if (random.integer(3) === 0) addStrange(random, group);
  }
}

const classNames = [
  "conv2d",
  "dense_1",
  "batch_normalization_7",
  "normalization",
  "seed_generator",
  "my_layer",
  "vars",
];

function fillNewLayout(random: SeededRandom, layers: Group, depth: number): void {
  for (let n = random.integer(3); n >= 0; n--) {
    const layer = tryTo(() => layers.create_group(oneOf(random, classNames) + oneOf(random, ["", `_${n}`])));
    const vars = layer && tryTo(() => layer.create_group("vars"));
    if (!vars) continue;
    if (random.integer(6) > 0) attribute(random, vars, "name");
    for (let v = random.integer(5); v > 0; v--)
      dataset(random, vars, oneOf(random, [`${v - 1}`, `${v - 1}`, "9", "-1", "x"]));
    if (random.integer(4) === 0) addStrange(random, layer);
    const below = random.integer(4) === 0 && depth < 40 ? tryTo(() => layer.create_group("layers")) : null;
    if (below) fillNewLayout(random, below, depth + 1);
  }
}

/** Links to where nothing is, to another file, in a circle; other datasets and attributes. */
function addStrange(random: SeededRandom, group: Group): void {
  const name = oneOf(random, [...layerNames, ...classNames, "vars", "0", "layers", "kernel:0"]);
  const goal = oneOf(random, ["/", "/layers", group.path, "nowhere", `${group.path}/${name}`, "/dev/stdin", "../.."]);
  const changes = [
    () => group.create_soft_link(goal, name),
    () => group.create_hard_link(goal, name),
    () => group.create_external_link(oneOf(random, ["/etc/passwd", "/dev/stdin", "grayling-0.h5", ""]), goal, name),
    () => attribute(random, group, oneOf(random, ["layer_names", "weight_names", "weight_names0", "name"])),
    () => dataset(random, group, name),
    () => group.create_group(name),
  ];
  tryTo(oneOf<() => unknown>(random, changes));
}

/** The list as Keras writes it, or in pieces, of another type, or much too long. */
function texts(random: SeededRandom, group: Group, name: string, list: readonly string[]): void {
  const write = (at: string, values: readonly string[], type: string) =>
    tryTo(() => group.create_attribute(at, [...values], [values.length], type));
  const form = random.integer(10);
  if (form === 0) attribute(random, group, name);
  else if (form === 1) {
    write(`${name}0`, list, "A");
    write(`${name}1`, list, oneOf(random, ["A", "S8", "U"]));
  } else if (form === 2) {
    for (let n = 0; n < oneOf(random, [2, 200]); n++) write(`${name}${n}`, list, "A");
  } else if (form === 3) write(name, new Array<string>(2000).fill(list[0] ?? ""), "S16");
  else write(name, list, "A");
}

function attribute(random: SeededRandom, group: Group, name: string): void {
  const values = [
    1,
    1.5,
    new Float64Array(0),
    Int8Array.of(1, 2),
    "text",
    "",
    "stem_conv",
    ["a", "b"],
    "y".repeat(60_000),
    "{}",
  ];
  tryTo(() => group.create_attribute(name, oneOf<string | number>(random, values as string[])));
}

const types = ["<f", "<d", "<i", "<q", "<B", "<e", "<Q"];

/** Mostly float32 of a plausible shape. */
function dataset(random: SeededRandom, group: Group, name: string): void {
  const shape = oneOf(random, [
    [],
    [2],
    [2, 3],
    [3, 3, 1, 2],
    [0],
    [1, 0, 4],
    [2],
    [2, 3],
    new Array(32).fill(1),
    [100_000],
  ]);
  const size = shape.reduce((product, extent) => product * extent, 1);
  const plain = random.integer(3) > 0;
  const dtype = plain ? "<f" : oneOf(random, types);
  const chunks = shape.length > 0 && size > 0 && random.integer(4) === 0;
  const storage = chunks
    ? { chunks: [...shape], compression: oneOf(random, [0, 9]), maxshape: shape.map(() => null) }
    : {};
  tryTo(() => {
    if (random.integer(12) === 0)
      group.create_dataset({ name, data: ["text", "s"], shape: [2], dtype: oneOf(random, ["S", "S9"]) });
    else group.create_dataset({ name, data: new Float32Array(size), shape: [...shape], dtype, ...storage } as never);
  });
}

/** h5wasm throws for some of this, and HDF5 refuses some of the rest: the file then has less. */
function tryTo<T>(change: () => T): T | undefined {
  try {
    return change();
  } catch {
    return undefined;
  }
}
