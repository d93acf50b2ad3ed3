/** Shows what augmentation makes of images of a folder: a contact sheet with an original and its variants in each row. */
import {
  type AugmentOptions,
  applyAugmentation,
  checkFraming,
  type Framing,
  type GrayPlane,
  InputError,
  parseWindow,
  SeededRandom,
  showAugmentation,
} from "@grayling/core";
import type { Dataset, DatasetImage } from "../dataset/dataset.js";
import { findDataset } from "../dataset/open-dataset.js";
import { type ImageBatch, readBatches, type TilePlace } from "../dataset/read-batches.js";
import { chooseWindow } from "../features/choose-window.js";
import { writeAtomically } from "../files/write-atomically.js";
import { loadSharp } from "../images/load-sharp.js";
import { drawFor } from "./augmented-features.js";
import { type LabelledPlane, layOutSheet } from "./contact-sheet.js";

export interface PreviewOptions extends Framing {
  readonly augment: AugmentOptions;
  /** Rows: images, of all classes in turn. */
  readonly images: number;
  /** Columns beside the original. */
  readonly variants: number;
  /** The variants are those that a training with the same seed makes. */
  readonly seed: number;
  /** As in training; default: chosen from the images. */
  readonly window?: string | undefined;
  /** Path of the PNG. */
  readonly out: string;
  readonly signal?: AbortSignal | undefined;
}

export interface Preview {
  /** Of the rows, relative to the folder. */
  readonly images: readonly string[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  /** The window and how it was chosen, in one line; absent where there was nothing to choose. */
  readonly said?: string;
}

/** A sheet that has more pixels opens in no viewer. */
const maxSheetPixels = 2 ** 28;

/**
 * `root`: a folder of classes, or a CSV file. Throws `InputError` for what is no dataset, for one without a readable
 * image, for a sheet too large, and for a name that is no PNG's.
 */
export async function writePreview(root: string, options: PreviewOptions): Promise<Preview> {
  const { height, width, fit, interpolation, augment, images: count, variants, seed, window, out, signal } = options;
  if (count * (variants + 1) * height * width > maxSheetPixels) {
    throw new InputError(
      `preview: ${count} × ${variants + 1} pictures of ${height} × ${width} px are too many for one sheet; ask for fewer images or variants`,
    );
  }
  if (!/\.png$/i.test(out))
    throw new InputError(`preview ${out}: expected a name that ends in .png, which the sheet is`);
  checkFraming(options);
  const dataset = await findDataset(root);
  const asked = window === undefined ? undefined : parseWindow(window);
  const chosen = await chooseWindow(dataset.images, { asked, signal });
  const order = classesInTurn(dataset, seed);
  const skipped: { path: string; reason: string }[] = [];
  const shown: string[] = [];
  const rows: LabelledPlane[][] = [];
  for await (const batch of readBatches(order, {
    ...{ height, width, fit, interpolation, window: chosen.window, signal },
    batch: 1,
    onSkip: (index, reason) => skipped.push({ path: order[index]!.relative, reason }),
  })) {
    const [{ tile, of }] = batch.tiles as [TilePlace]; // a batch of one; known images are not asked for
    if (tile !== Math.floor(of / 2)) continue; // of an image in tiles one, near its middle
    const image = order[batch.indices[0]!]!.relative;
    rows.push(rowOf(batch, image, { height, width, augment, variants, seed }));
    shown.push(image);
    if (rows.length === count) break;
  }
  if (rows.length === 0)
    throw new InputError(`preview: none of ${order.length} images can be read; see grayling check`);
  await writeSheet(out, rows);
  return { images: shown, skipped, ...(chosen.said !== undefined && { said: chosen.said }) };
}

/** Images of each class in random order, so that the first few show all of the dataset. */
function classesInTurn({ classes, images }: Dataset, seed: number): DatasetImage[] {
  const shuffled = classes.map((_, label) => {
    const own = images.filter((image) => image.label === label);
    return new SeededRandom(seed, `preview/${label}`).shuffled(own);
  });
  const longest = Math.max(...shuffled.map((own) => own.length));
  return Array.from({ length: longest }, (_, i) => shuffled.flatMap((own) => own[i] ?? [])).flat();
}

type RowOptions = Pick<PreviewOptions, "height" | "width" | "augment" | "variants" | "seed">;

/** The one image of a batch, and its variants. */
function rowOf(
  { planes, tiles, hashes }: ImageBatch,
  label: string,
  { height, width, augment, variants, seed }: RowOptions,
): LabelledPlane[] {
  const plane: GrayPlane = { values: planes.slice(0, height * width), height, width };
  const row: LabelledPlane[] = [{ plane, label }];
  for (let epoch = 0; epoch < variants; epoch++) {
    const drawn = drawFor(hashes[0]!, epoch, { augment, seed }, tiles[0]!.tile);
    row.push({ plane: applyAugmentation(plane, drawn), label: showAugmentation(drawn) });
  }
  return row;
}

async function writeSheet(path: string, rows: readonly (readonly LabelledPlane[])[]): Promise<void> {
  const { data, height, width } = layOutSheet(rows);
  const sharp = await loadSharp();
  const png = await sharp(data, { raw: { width, height, channels: 1 } })
    .toColourspace("b-w")
    .png()
    .toBuffer();
  await writeAtomically(path, png);
}
