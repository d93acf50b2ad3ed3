/** Where in each image a class is seen: maps in the image's own pixels, whatever the model was given of it. */
import { didYouMean, InputError, type RegionMap, type Runtime, type SeenRegion, seenRegions } from "@grayling/core";
import type { PagedImage } from "../dataset/paged-image.js";
import { type ImageBatch, readBatches } from "../dataset/read-batches.js";
import { meanOfRows } from "../dataset/tile-rows.js";
import { compareWithTraining } from "../predict/classify.js";
import { type Decision, decide } from "../predict/decide.js";
import { topClasses } from "../predict/predict.js";
import type { ModelJudgement } from "../run/model-judgement.js";
import { type CamMethod, type MapPlanes, openMaps } from "./map-planes.js";
import type { Explainable } from "./open-explainable.js";

export interface ExplainImagesOptions {
  /** Default "grad-cam". */
  readonly method?: CamMethod | undefined;
  /** Of `grad-cam` and `grad-cam++`: a Keras layer that gives a map; default the last, `top_activation`. */
  readonly layer?: string | undefined;
  /** The class to explain; default the one that `predict` calls. */
  readonly className?: string | undefined;
  /** The class of each image, and the most probable others, so many together; default 1. */
  readonly top?: number | undefined;
  readonly batch?: number | undefined; // images, or tiles of them; default 32
  readonly maxPixels?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onSkip?: ((index: number, reason: string) => void) | undefined;
  /** Called, once for each reason, where images are unlike those that trained; the index is that of the first. */
  readonly onUnlike?: ((index: number, reason: string) => void) | undefined;
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
}

/** One class of one image. */
export interface ExplainedClass {
  readonly index: number;
  readonly label: string;
  readonly probability: number;
  /** One for each plane that the model was given: of an image in tiles, one each. */
  readonly maps: readonly RegionMap[];
}

export interface ExplainedImage extends Decision {
  /** Into the images given. */
  readonly index: number;
  readonly height: number; // px, of the file, upright
  readonly width: number; // px
  /** [K]; of an image in tiles, the mean of theirs. */
  readonly probabilities: Float32Array;
  readonly classes: readonly ExplainedClass[];
}

/**
 * Yields every readable image's maps, in order: one run of the network for the probabilities and the map of the most
 * probable class, one more for each further class.
 * Throws `InputError` for a class that the model does not know, where method and layer do not fit it, and for floats of
 * which the first batch is 0–1 where the model reads more.
 */
export async function* explainImages(
  runtime: Runtime,
  { model, classes, framing, window, samples, judgement }: Explainable,
  images: readonly PagedImage[],
  options: ExplainImagesOptions = {},
): AsyncGenerator<ExplainedImage, void, void> {
  const { method = "grad-cam", layer, batch = 32, maxPixels, signal, onUnlike = () => {}, onProgress } = options;
  const asked = askedClass(options, classes);
  let done = 0;
  const onSkip = (index: number, reason: string) => {
    done++;
    options.onSkip?.(index, reason);
  };
  const compare = compareWithTraining({ window, samples }, onUnlike);
  const size = { height: framing.height, width: framing.width, batch };
  const { mapPlanes, session } = await openMaps(runtime, model, { method, layer, ...size });
  const explainer = { mapPlanes, classes, judgement, asked, top: options.top ?? 1, batch };
  try {
    const rows: PlaneRow[] = []; // of the image that is being read
    for await (const read of readBatches(images, { ...framing, window, maxPixels, batch, signal, onSkip })) {
      compare(read);
      for (const row of await mapBatch(read, explainer)) {
        rows.push(row);
        if (row.isLast) {
          const { sourceHeight: height, sourceWidth: width } = row.info;
          yield await explainImage(rows.splice(0), seenRegions({ height, width }, framing), explainer);
          onProgress?.({ done: ++done, total: images.length });
        }
      }
    }
  } finally {
    await session.release();
  }
}

interface Explainer {
  readonly mapPlanes: MapPlanes;
  readonly classes: readonly string[];
  readonly judgement: ModelJudgement;
  /** −1: the most probable. */
  readonly asked: number;
  readonly top: number;
  readonly batch: number;
}

/** One plane with its map. */
interface PlaneRow extends PlaneMap {
  readonly index: number;
  /** Of its image. */
  readonly isLast: boolean;
  readonly info: ImageBatch["infos"][number];
  readonly plane: Float32Array;
  readonly probabilities: Float32Array;
  readonly novelty: number | undefined;
}

interface PlaneMap {
  readonly classIndex: number;
  readonly rows: number;
  readonly columns: number;
  readonly map: Float32Array;
}

async function mapBatch({ planes, indices, tiles, infos }: ImageBatch, { mapPlanes, asked }: Explainer) {
  const count = indices.length;
  if (count === 0) return [];
  const mapped = await mapPlanes(planes, Array<number>(count).fill(asked));
  const part = (values: Float32Array, i: number) =>
    values.slice((i * values.length) / count, ((i + 1) * values.length) / count);
  return indices.map((index, i): PlaneRow => {
    const { tile, of } = tiles[i]!;
    const { rows, columns } = mapped;
    const plane = part(planes, i);
    const probabilities = part(mapped.probabilities, i);
    const map = part(mapped.maps, i);
    const [classIndex, info, novelty] = [mapped.classes[i]!, infos[i]!, mapped.novelty?.[i]];
    return { index, isLast: tile === of - 1, info, plane, probabilities, novelty, classIndex, rows, columns, map };
  });
}

async function explainImage(
  rows: readonly PlaneRow[],
  regions: readonly SeenRegion[],
  explainer: Explainer,
): Promise<ExplainedImage> {
  const { classes, judgement, asked, top } = explainer;
  const [{ index, info, novelty }] = rows as [PlaneRow]; // at least one plane
  const all = Float32Array.from(rows.flatMap(({ probabilities }) => [...probabilities]));
  const probabilities = meanOfRows(all, classes.length);
  const unlike = novelty === undefined ? undefined : rows.reduce((sum, row) => sum + row.novelty!, 0) / rows.length;
  const decision = decide(probabilities, classes, judgement, unlike);
  const called = classes.indexOf(decision.label);
  const likely = topClasses(probabilities, classes, top).map((one) => one.index);
  const wanted = asked >= 0 ? [asked] : [called, ...likely.filter((one) => one !== called)].slice(0, top);
  const explained: ExplainedClass[] = [];
  for (const classIndex of wanted) {
    const maps = await mapsOf(classIndex, rows, explainer);
    explained.push({
      index: classIndex,
      label: classes[classIndex]!,
      probability: probabilities[classIndex]!,
      maps: maps.map(({ rows, columns, map: values }, i) => ({ region: regions[i]!, rows, columns, values })),
    });
  }
  const { sourceHeight: height, sourceWidth: width } = info;
  return { ...decision, index, height, width, probabilities, classes: explained };
}

/** The maps of one class; planes whose own class is another are run again. */
async function mapsOf(classIndex: number, rows: readonly PlaneRow[], { mapPlanes, batch }: Explainer) {
  const maps: PlaneMap[] = [...rows];
  const others = [...rows.keys()].filter((i) => rows[i]!.classIndex !== classIndex);
  for (let start = 0; start < others.length; start += batch) {
    const again = others.slice(start, start + batch);
    const length = rows[0]!.plane.length;
    const planes = new Float32Array(again.length * length);
    for (const [at, i] of again.entries()) planes.set(rows[i]!.plane, at * length);
    const mapped = await mapPlanes(planes, Array<number>(again.length).fill(classIndex));
    const cells = mapped.rows * mapped.columns;
    for (const [at, i] of again.entries()) {
      maps[i] = { ...mapped, classIndex, map: mapped.maps.slice(at * cells, (at + 1) * cells) };
    }
  }
  return maps;
}

function askedClass({ className, top }: ExplainImagesOptions, classes: readonly string[]): number {
  if (className === undefined) return -1;
  if (top !== undefined && top > 1)
    throw new InputError(`top ${top}: explains the most probable classes, expected either it or a class`);
  const index = classes.indexOf(className);
  if (index >= 0) return index;
  const nearest = didYouMean(className, classes);
  const known = classes.length > 20 ? `${classes.slice(0, 20).join(", ")}, …` : classes.join(", ");
  throw new InputError(`class "${className}": the model does not know it${nearest}, expected one of ${known}`);
}
