/** A folder of explanations: a picture for each image, and the numbers behind them as JSON and CSV. */
import { mkdir } from "node:fs/promises";
import { basename, dirname, extname, join, relative, sep } from "node:path";
import { grouped, InputError, peakOf, printable, type Runtime } from "@grayling/core";
import { type PagedImage, showPage } from "../dataset/paged-image.js";
import { writeAtomically } from "../files/write-atomically.js";
import { writing } from "../files/write-failure.js";
import type { Skipped } from "../predict/predict.js";
import { listImages } from "../predict/predict.js";
import { toCsvBytes } from "../run/csv.js";
import { type CamOverlayOptions, drawnSize, readPicture } from "./cam-overlay.js";
import { toPng } from "./canvas.js";
import {
  type ExplainedClass,
  type ExplainedImage,
  type ExplainImagesOptions,
  explainImages,
} from "./explain-images.js";
import { explanationCard } from "./explanation-card.js";
import { type CamMethod, camScales } from "./map-planes.js";
import type { Explainable } from "./open-explainable.js";

export interface WriteExplanationsOptions extends Omit<ExplainImagesOptions, "onSkip" | "onUnlike"> {
  /** The folder; it may exist. */
  readonly out: string;
  /** px, of each panel of a picture; default 320. */
  readonly width?: number | undefined;
}

export interface WrittenExplanations {
  readonly images: readonly WrittenImage[];
  readonly skipped: readonly Skipped[];
  /** The first file for each reason why images are unlike those that trained. */
  readonly unlike: readonly Skipped[];
}

export interface WrittenImage {
  /** As the user wrote it; below a folder, with that folder. */
  readonly path: string;
  /** Of the PNG, within the folder. */
  readonly picture: string;
  readonly explained: ExplainedImage;
}

/** Pictures that are drawn and written while the network goes on. */
const drawnAtOnce = 4;

/**
 * Explains files, and the images below folders, into `out`: a PNG each, `cam.json` and `cam.csv`. A file that cannot be read
 * is left out and told. Throws `InputError` where none can be, and as `listImages` and `explainImages` do.
 */
export async function writeExplanations(
  runtime: Runtime,
  explainable: Explainable,
  paths: readonly string[],
  { out, width = 320, ...options }: WriteExplanationsOptions,
): Promise<WrittenExplanations> {
  const skipped: Skipped[] = [];
  const files = await listImages(paths, (file) => void skipped.push(file));
  const pictures = pictureNames(paths, files);
  const written: WrittenImage[] = [];
  const onSkip = (index: number, reason: string) => void skipped.push({ path: nameOf(files[index]!), reason });
  const unlike: Skipped[] = [];
  const onUnlike = (index: number, reason: string) => void unlike.push({ path: nameOf(files[index]!), reason });
  const { method = "grad-cam", maxPixels } = options;
  const write = async (explained: ExplainedImage): Promise<WrittenImage> => {
    const [file, picture] = [files[explained.index]!, pictures[explained.index]!];
    await drawInto(join(out, picture), file, explained, { window: explainable.window, maxPixels, width, method });
    return { path: nameOf(file), picture, explained };
  };
  const drawing: Promise<WrittenImage>[] = [];
  try {
    for await (const explained of explainImages(runtime, explainable, files, { ...options, onSkip, onUnlike })) {
      const next = write(explained);
      next.catch(() => {}); // thrown where it is awaited
      drawing.push(next);
      if (drawing.length >= drawnAtOnce) written.push(await drawing.shift()!);
    }
    for (const next of drawing) written.push(await next);
  } finally {
    await Promise.allSettled(drawing); // nothing is written after this has ended
  }
  if (written.length === 0) throw new InputError(`explain-image: none of the ${skipped.length} files could be read`);
  const about = { model: explainable.source, method, layer: options.layer, framing: explainable.framing };
  await writeAtomically(join(out, "cam.json"), toJson(about, written, skipped));
  await writeAtomically(join(out, "cam.csv"), toCsv(written));
  return { images: written, skipped, unlike };
}

async function drawInto(
  path: string,
  file: PagedImage,
  explained: ExplainedImage,
  { width, method, ...decoding }: CamOverlayOptions & { readonly method: CamMethod },
): Promise<void> {
  const gray = await readPicture(file, drawnSize(explained, width), decoding);
  const texts = {
    title: printable(nameOf(file)),
    subtitle: explained.isUnknown ? `unknown, novelty ${explained.novelty!.toFixed(2)}` : sizeOf(explained),
    ...camScales[method],
  };
  await writing(path, mkdir(dirname(path), { recursive: true }));
  await writeAtomically(path, await toPng(explanationCard(gray, explained, texts), 1));
}

const sizeOf = ({ width, height }: ExplainedImage) => `${grouped(width)} × ${grouped(height)} px`;

const nameOf = ({ path, page }: PagedImage) => showPage(path, page);

/** For each image a name of its own within the folder, `name.cam.png`, in folders as below the one that was given. */
export function pictureNames(paths: readonly string[], files: readonly PagedImage[]): string[] {
  const taken = new Set<string>();
  return files.map(({ path, page }) => {
    const folder = paths.find((given) => path !== given && isBelow(given, path));
    const inside = folder === undefined ? basename(path) : relative(folder, path);
    const named = inside.slice(0, inside.length - extname(inside).length);
    const stem = page === undefined ? named : `${named}-${page}`;
    let name = `${stem}.cam.png`;
    for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${stem}-${number}.cam.png`;
    taken.add(name.toLowerCase()); // some file systems do not tell capitals apart
    return name.split(sep).join("/");
  });
}

function isBelow(folder: string, path: string): boolean {
  const inside = relative(folder, path);
  return inside !== "" && inside !== ".." && !inside.startsWith(`..${sep}`);
}

/** Six digits that count: float32 has seven. */
const rounded = (value: number): number => Number(value.toPrecision(6));

function toJson(about: object, written: readonly WrittenImage[], skipped: readonly Skipped[]): string {
  const images = written.map(({ path, picture, explained: { height, width, label, isUnknown, classes } }) => ({
    ...{ path, picture, height, width, label, isUnknown },
    classes: classes.map(({ label, probability, maps }) => ({
      label,
      probability: rounded(probability),
      largest: peak(maps),
      maps: maps.map(({ region, rows, columns, values }) => ({
        region,
        rows,
        columns,
        values: [...values].map(rounded),
      })),
    })),
  }));
  return `${JSON.stringify({ ...about, images, skipped }, null, 1)}\n`;
}

function peak(maps: ExplainedClass["maps"]) {
  const { value, x, y } = peakOf(maps);
  return { value: rounded(value), x: rounded(x), y: rounded(y) };
}

function toCsv(written: readonly WrittenImage[]): Uint8Array {
  const header = ["path", "class", "probability", "largest", "x", "y", "picture"];
  const rows = written.flatMap(({ path, picture, explained }) =>
    explained.classes.map(({ label, probability, maps }) => {
      const { value, x, y } = peak(maps);
      return [path, label, rounded(probability), value, x, y, picture];
    }),
  );
  return toCsvBytes(header, rows);
}
