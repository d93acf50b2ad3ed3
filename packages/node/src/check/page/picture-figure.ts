/** A picture of the folder in the page: its thumbnail, or the part of it that a probe was shown. */
import { type Html, html } from "../../page/html.js";
import { planeImage, type Scale } from "../../page/plane-image.js";
import type { InspectedFile, Picture } from "../inspected-file.js";
import { thumbnailSide } from "../inspected-file.js";
import { coarse, coarseSide, isBorder, type ViewName } from "../probe-views.js";
import { histogramFigure } from "./histogram-figure.js";

/** Longest side on the page, px: a thumbnail of 48 px at twice its size. */
const shownSide = 96;

/** `detail` says below it what is to be known. */
export function pictureFigure(file: InspectedFile, detail: string, view?: ViewName): Html {
  const { picture, relative, content } = file;
  const shot = picture ? draw(picture, relative, view) : html`<span class="lost">${content ?? "not read"}</span>`;
  return html`<figure><div class="shot">${shot}</div><figcaption><b>${relative}</b>${detail}</figcaption></figure>`;
}

function draw(picture: Picture, name: string, view: ViewName | undefined): Html {
  if (view === "histogram") return histogramFigure(picture.histogram, `Histogram of ${name}`, shownSide);
  if (view === "borders") return image(picture, name, shownSide, borders(picture), "coarse");
  if (view === "thumbnail") return image(picture, name, shownSide, whole(picture), "coarse");
  return pictureImage(picture, name, shownSide);
}

/** The thumbnail in the picture's own shape, its longer side `longest` px. */
export function pictureImage(picture: Picture, name: string, longest: number): Html {
  const { values } = picture.thumbnail;
  const plane = { width: thumbnailSide, height: thumbnailSide, values: Float32Array.from(values) };
  return image(picture, name, longest, planeImage(plane, scaleOf(picture)));
}

function image({ width, height }: Picture, name: string, longest: number, source: string, kind?: string): Html {
  const scale = longest / Math.max(width, height);
  const [w, h] = [width, height].map((side) => Math.max(2, Math.round(side * scale)));
  return html`<img src="${source}" width="${w}" height="${h}" alt="${name}, ${width} × ${height} px"${
    kind === undefined ? undefined : html` class="${kind}"`
  }>`;
}

/** Below this part of the range a picture is shown over its own, or nothing could be seen. */
const faint = 0.1;

/** Gray as the file has it: which of the thumbnail's steps are black and white. */
function scaleOf({ thumbnail: { black, white }, range }: Picture): Scale {
  const spread = white - black;
  if (spread === 0) return { kind: "gray", black: range.low - black, white: range.high - black }; // all steps are 0
  if (spread < faint * (range.high - range.low)) return { kind: "gray", black: 0, white: 255 };
  const stepOf = (value: number) => (255 * (value - black)) / spread;
  return { kind: "gray", black: stepOf(range.low), white: stepOf(range.high) };
}

const coarsePlane = (values: readonly number[]) => ({
  width: coarseSide,
  height: coarseSide,
  values: Float32Array.from(values),
});

const whole = (picture: Picture) => planeImage(coarsePlane(coarse(picture)), { kind: "gray", black: 0, white: 1 });

/** What is inside is taken away: a middle gray. */
const borders = (picture: Picture) =>
  planeImage(coarsePlane(coarse(picture).map((part, i) => (isBorder(i) ? part : 0.5))), {
    kind: "gray",
    black: 0,
    white: 1,
  });
