/** Which part of a picture each plane shows that a model was given of it: the way back from a plane to the picture. */
import { checkFraming, type Framing } from "./resize.js";
import { type PictureSize, tileGrid } from "./tile-grid.js";

/** In the picture's pixels, with fractions; of a letterbox, or a tile larger than the picture, it reaches beyond it. */
export interface SeenRegion {
  readonly top: number; // px
  readonly left: number; // px
  readonly height: number; // px
  readonly width: number; // px
}

/** One region for each plane of `resize`, in their order. Throws what `checkFraming` and `tileGrid` throw. */
export function seenRegions(picture: PictureSize, framing: Framing): SeenRegion[] {
  checkFraming(framing);
  const { height, width, fit } = framing;
  if (fit === "tile") {
    const { tops, lefts } = tileGrid(picture, framing);
    return tops.flatMap((top) => lefts.map((left) => ({ top, left, height, width })));
  }
  const down = alongAxis(picture.height, height, picture.width / width, fit);
  const across = alongAxis(picture.width, width, picture.height / height, fit);
  return [{ top: down.start, left: across.start, height: down.extent, width: across.extent }];
}

/** Of a side of the picture, that of the plane, and the picture's pixels per pixel of the plane along the other side. */
function alongAxis(side: number, plane: number, otherScale: number, fit: "stretch" | "letterbox" | "crop") {
  if (fit === "crop") {
    const extent = Math.min(side / plane, otherScale) * plane;
    return { start: (side - extent) / 2, extent };
  }
  if (fit === "stretch") return { start: 0, extent: side };
  const inner = Math.max(1, Math.min(plane, Math.round(side / Math.max(side / plane, otherScale))));
  const scale = side / inner;
  return { start: 0 - Math.floor((plane - inner) / 2) * scale, extent: plane * scale };
}
