/** The pictures of a page: each is stored once, as a style, and shown wherever it is named. */
import { type Html, html } from "../page/html.js";
import type { HeatMap } from "./read-heat-maps.js";
import { type Thumbnail, type Thumbnails, thumbnailSide } from "./read-thumbnails.js";

export interface PictureBook {
  /** The styles that hold the pictures. */
  readonly style: string;
  /** A picture with `alt` as its text, or a frame that says why there is none. */
  readonly picture: (path: string, alt: string) => Html;
  /** Its heat map; undefined where there is none. */
  readonly heatMap: (path: string, alt: string) => Html | undefined;
}

export function pictureBook(thumbnails: Thumbnails, heatMaps: ReadonlyMap<string, HeatMap>): PictureBook {
  const drawn = [...thumbnails].filter((entry): entry is [string, Thumbnail] => typeof entry[1] !== "string");
  const places = new Map(drawn.map(([path], i) => [path, i]));
  const rules = drawn.map(([path, thumbnail], i) => {
    const heat = heatMaps.get(path);
    return `.p${i}{${sizeOf(thumbnail)};${source(thumbnail)}}${heat ? `.p${i}.heat{${source(heat)}}` : ""}`;
  });
  const image = (place: number, alt: string, kind: string) =>
    html`<span class="shot p${place}${kind}" role="img" aria-label="${alt}"></span>`;
  return {
    style: rules.join("\n"),
    picture: (path, alt) => {
      const place = places.get(path);
      return place === undefined ? lost(thumbnails.get(path), alt) : image(place, alt, "");
    },
    heatMap: (path, alt) => {
      const place = places.get(path);
      return place === undefined || !heatMaps.has(path) ? undefined : image(place, alt, " heat");
    },
  };
}

const source = ({ webp }: { readonly webp: Uint8Array }): string =>
  `background-image:url(data:image/webp;base64,${Buffer.from(webp).toString("base64")})`;

/** In the file's own aspect; a list of pictures may show them smaller. */
function sizeOf({ sourceWidth, sourceHeight }: Thumbnail): string {
  const scale = thumbnailSide / Math.max(sourceWidth, sourceHeight);
  const [width, height] = [sourceWidth, sourceHeight].map((side) => Math.max(2, Math.round(side * scale)));
  return `--w:${width};--h:${height}`;
}

function lost(reason: Thumbnail | string | undefined, alt: string): Html {
  const [why] = (reason === undefined || typeof reason !== "string" ? "not read" : reason).split(": ");
  return html`<span class="shot lost" role="img" aria-label="${alt}; no picture: ${why}"><small>${why}</small></span>`;
}
