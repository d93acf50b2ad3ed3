/** The ways to explain a plane, behind one function: which map of which class. */
import {
  camNames,
  classMaps,
  encode,
  foldBatchNorm,
  type GradCamVariant,
  gradCam,
  InputError,
  indexOfLargest,
  inference,
  lower,
  type Model,
  type NamedTensors,
  occlusion,
  type Runtime,
  type Session,
} from "@grayling/core";
import { classifierEnds } from "../run/model-metadata.js";

/**
 * - `grad-cam`, `grad-cam++`: gradients of the class' score, of any layer.
 * - `cam`: the closed form for a linear head on average pooling, signed.
 * - `occlusion`: the probability that is lost when a patch is covered, signed; needs no layer, and 50 runs per image.
 */
export const camMethods = ["grad-cam", "grad-cam++", "cam", "occlusion"] as const;
export type CamMethod = (typeof camMethods)[number];

/**
 * In what the maps of a method are measured, and what the brightest colour stands for at least: where a network is sure, no
 * patch costs any probability, and the largest of all costs of a millionth would look like a finding.
 */
export const camScales: { readonly [M in CamMethod]: { readonly unit: string; readonly leastLimit: number } } = {
  "grad-cam": { unit: "score per cell", leastLimit: 0 },
  "grad-cam++": { unit: "weighted activation", leastLimit: 0 },
  cam: { unit: "score per cell", leastLimit: 0 },
  occlusion: { unit: "probability lost", leastLimit: 0.01 },
};

/** What is known of some planes. */
export interface MappedPlanes {
  /** [n, K] */
  readonly probabilities: Float32Array;
  /** [n], where the model can tell. */
  readonly novelty?: Float32Array | undefined;
  /** [n]: whose maps they are. */
  readonly classes: readonly number[];
  readonly rows: number;
  readonly columns: number;
  /** [n, rows · columns] */
  readonly maps: Float32Array;
}

/** Planes [n, H · W] and for each the class to explain, −1 for the plane's most probable one. */
export type MapPlanes = (planes: Float32Array, classes: readonly number[]) => Promise<MappedPlanes>;

export interface MapPlanesOptions {
  readonly method: CamMethod;
  /** Of `grad-cam` and `grad-cam++`; default the last map. */
  readonly layer?: string | undefined;
  readonly height: number; // px
  readonly width: number; // px
  /** Planes of one run, of `occlusion`. */
  readonly batch: number;
}

/** Opens a classifier [N, 1, H, W] → [N, K] for one method. Throws `InputError` where the layer or the head does not fit it. */
export async function openMaps(
  runtime: Runtime,
  model: Model,
  { method, layer, ...size }: MapPlanesOptions,
): Promise<{ readonly mapPlanes: MapPlanes; readonly session: Session }> {
  if (layer !== undefined && (method === "cam" || method === "occlusion"))
    throw new InputError(`layer "${layer}": ${method} looks at no layer of choice; use --method grad-cam`);
  const ready = graphs[method](model, layer);
  const session = await runtime.open(encode(lower(ready, inference)));
  return { mapPlanes: runs[method](session, size), session };
}

const withGradients = (variant: GradCamVariant) => (model: Model, layer: string | undefined) => {
  const folded = foldBatchNorm(model);
  // A layer that the fold merges into the next is looked at as it was; what does not touch it is folded after.
  if (layer === undefined || folded.graph.nodes.has(layer)) return gradCam(folded, { layer, variant });
  return foldBatchNorm(gradCam(model, { layer, variant }));
};

const graphs: { readonly [M in CamMethod]: (model: Model, layer: string | undefined) => Model } = {
  "grad-cam": withGradients("grad-cam"),
  "grad-cam++": withGradients("grad-cam++"),
  cam: (model) => classMaps(foldBatchNorm(model)),
  occlusion: (model) => foldBatchNorm(model),
};

/** What a run's graph calls how unlike everything an image is. */
const novelty = "novelty";

type Size = Pick<MapPlanesOptions, "height" | "width" | "batch">;

/** One run gives probabilities and maps. */
const oneRun =
  (session: Session, { height, width }: Size): MapPlanes =>
  async (planes, asked) => {
    const images = { shape: [asked.length, 1, height, width], data: planes };
    const index = { shape: [asked.length], data: Float32Array.from(asked) };
    const outputs = await session.run({ [classifierEnds.input]: images, [camNames.classIndex]: index });
    const told = toldBy(outputs);
    const { shape, data: maps } = outputs[camNames.map]!;
    const [, rows, columns] = shape as readonly [number, number, number]; // [n, h, w]
    return { ...told, classes: settle(asked, told.probabilities), rows, columns, maps };
  };

/** One run gives the maps of all classes. */
const allClasses =
  (session: Session, { height, width }: Size): MapPlanes =>
  async (planes, asked) => {
    const count = asked.length;
    const outputs = await session.run({ [classifierEnds.input]: { shape: [count, 1, height, width], data: planes } });
    const told = toldBy(outputs);
    const { shape, data } = outputs[camNames.map]!;
    const [, all, rows, columns] = shape as readonly [number, number, number, number]; // [n, K, h, w]
    const classes = settle(asked, told.probabilities);
    const cells = rows * columns;
    const maps = new Float32Array(count * cells);
    for (const [i, index] of classes.entries()) {
      const start = (i * all + index) * cells;
      maps.set(data.subarray(start, start + cells), i * cells);
    }
    return { ...told, classes, rows, columns, maps };
  };

const toldBy = (outputs: NamedTensors) => ({
  probabilities: outputs[classifierEnds.output]!.data,
  novelty: outputs[novelty]?.data,
});

/** Of a patch: a cell of an EfficientNet's last map. */
const patchSide = 32; // px

const covered =
  (session: Session, { height, width, batch }: Size): MapPlanes =>
  async (planes, asked) => {
    const run = async (data: Float32Array, count: number) =>
      toldBy(await session.run({ [classifierEnds.input]: { shape: [count, 1, height, width], data } }));
    const classify = async (data: Float32Array, count: number) => (await run(data, count)).probabilities;
    const told = await run(planes, asked.length);
    const classes = settle(asked, told.probabilities);
    const [rows, columns] = [height, width].map((side) => Math.max(1, Math.ceil(side / patchSide))) as [number, number];
    const maps = new Float32Array(asked.length * rows * columns);
    for (const [i, index] of classes.entries()) {
      const plane = planes.subarray(i * height * width, (i + 1) * height * width);
      maps.set(await occlusion(classify, plane, index, { height, width, rows, columns, batch }), i * rows * columns);
    }
    return { ...told, classes, rows, columns, maps };
  };

const runs: { readonly [M in CamMethod]: (session: Session, size: Size) => MapPlanes } = {
  "grad-cam": oneRun,
  "grad-cam++": oneRun,
  cam: allClasses,
  occlusion: covered,
};

/** The class that is asked for, or the row's most probable one. */
function settle(asked: readonly number[], probabilities: Float32Array): number[] {
  const count = probabilities.length / asked.length;
  return asked.map((index, i) =>
    index >= 0 ? index : indexOfLargest(probabilities.subarray(i * count, (i + 1) * count)),
  );
}
