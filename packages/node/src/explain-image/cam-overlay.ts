/** A heat map over the gray picture that it belongs to. */
import { readFile } from "node:fs/promises";
import { heatColor, type PictureSize, type RegionMap, type SettledWindow, spreadMaps } from "@grayling/core";
import type { PagedImage } from "../dataset/paged-image.js";
import { createDecoder } from "../images/decode.js";
import { type Canvas, type Color, toPng } from "./canvas.js";

/** A picture drawn at some size. */
export interface GrayPicture extends PictureSize {
  /** [height · width], gray levels 0–255. */
  readonly levels: Float32Array;
}

export interface CamOverlayOptions {
  /** As the model reads files; default full. */
  readonly window?: SettledWindow | undefined;
  readonly maxPixels?: number | undefined;
  readonly width: number; // px
}

/** What is drawn of an image: its file, its size and the maps of one class. */
export interface OverlaidImage extends PictureSize {
  readonly file: PagedImage;
  readonly maps: readonly RegionMap[];
}

/**
 * A PNG of an image with its heat map over it, in its own aspect, and the value of the brightest colour.
 * Throws `InputError` where the file cannot be read any more.
 */
export async function camOverlay(
  { file, maps, ...size }: OverlaidImage,
  { width, ...decoding }: CamOverlayOptions,
): Promise<{ readonly png: Uint8Array; readonly limit: number }> {
  const picture = await readPicture(file, drawnSize(size, width), decoding);
  const values = spreadMaps(maps, size, picture);
  const limit = limitOf(maps);
  return { png: await toPng(overlay(picture, values, limit), 6), limit };
}

/** In the aspect of the picture, `width` px wide; of a very high one less, so that it is at most twice as high as wide. */
export function drawnSize({ height, width }: PictureSize, drawn: number): PictureSize {
  const scale = Math.min(drawn / width, (2 * drawn) / height);
  return { height: Math.max(1, Math.round(height * scale)), width: Math.max(1, Math.round(width * scale)) };
}

/** The whole picture, whatever part of it a model is given. */
export async function readPicture(
  { path, page }: PagedImage,
  size: PictureSize,
  decoding: Pick<CamOverlayOptions, "window" | "maxPixels">,
): Promise<GrayPicture> {
  const decode = await createDecoder({ ...size, ...decoding, fit: "stretch" });
  return { ...size, levels: (await decode(await readFile(path), page)).plane };
}

/** The value of the brightest colour: the largest of all cells, 0 where nothing speaks for the class. */
export const limitOf = (maps: readonly RegionMap[]): number =>
  maps.reduce((limit, { values }) => values.reduce((a, b) => Math.max(a, b), limit), 0);

/** How much of the colour is the map's, the rest is the picture's: more of it where the map is high. */
const opacityAt = (part: number): number => 0.35 + 0.3 * part;

/** What the model was not given: half as contrasty, on white. */
const unseen = (level: number): number => 160 + level * 0.3;

const shades = 256;

/** The colour of each pixel; `values` [height · width] from 0 (or less) to `limit`, NaN where the model saw nothing. */
export function overlay({ levels, height, width }: GrayPicture, values: Float32Array, limit: number): Canvas {
  const [red, green, blue, share] = shadeTables();
  const scale = limit > 0 ? (shades - 1) / limit : 0;
  const data = new Uint8Array(3 * values.length);
  for (let i = 0, at = 0; i < values.length; i++) {
    const level = levels[i]!;
    const value = values[i]!;
    if (Number.isNaN(value)) {
      const pale = unseen(level);
      data[at++] = pale;
      data[at++] = pale;
      data[at++] = pale;
      continue;
    }
    const shade = value > 0 ? Math.round(scale * value) : 0;
    const gray = share[shade]! * level;
    data[at++] = gray + red[shade]!;
    data[at++] = gray + green[shade]!;
    data[at++] = gray + blue[shade]!;
  }
  return { width, height, data };
}

/** What the map adds to a pixel, 0–255, and the share of the picture's own gray. */
function shadeAt(part: number): readonly [number, number, number, number] {
  const opacity = opacityAt(part);
  const [r, g, b] = heatColor(part);
  return [opacity * r, opacity * g, opacity * b, 1 - opacity];
}

function shadeTables() {
  const rows = Array.from({ length: shades }, (_, i) => shadeAt(i / (shades - 1)));
  const table = (column: 0 | 1 | 2 | 3) => Float32Array.from(rows, (row) => row[column]);
  return [table(0), table(1), table(2), table(3)] as const;
}

/** The picture as it is. */
export function grayCanvas({ levels, height, width }: GrayPicture): Canvas {
  const data = new Uint8Array(3 * levels.length);
  for (let i = 0, at = 0; i < levels.length; i++) {
    const level = Math.round(levels[i]!);
    data[at++] = level;
    data[at++] = level;
    data[at++] = level;
  }
  return { width, height, data };
}

/** The colour over mid gray: what stands in a legend. */
export function legendColor(part: number): Color {
  const [r, g, b, share] = shadeAt(part);
  return [r, g, b].map((level) => Math.round(level + share * 128)) as [number, number, number];
}
