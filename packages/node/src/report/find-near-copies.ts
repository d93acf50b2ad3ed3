/** Pictures on two sides of a split that are nearly the same: what was measured on them was seen in training. */
import { parseSettledWindow } from "@grayling/core";
import { leastLikeness } from "../check/duplicate-groups.js";
import { thumbnailSide as side, type Thumbnail } from "../check/inspected-file.js";
import { correlation } from "../check/likeness.js";
import { nearPairs } from "../check/near-pairs.js";
import { createPerceptualHash } from "../check/perceptual-hash.js";
import { readBatches } from "../dataset/read-batches.js";
import { locateImage } from "./locate-image.js";
import type { ThumbnailOptions } from "./read-thumbnails.js";
import type { SplitCounts, SplitImage } from "./split-counts.js";

/** All images of a run are read for it: more take longer than the rest of a report, and `grayling check` searches among any number. */
export const mostSearched = 2000;

/** Of many pictures that look alike (white pages) not each is compared with each. */
const mostCompared = 50;

export interface NearCopy {
  readonly images: readonly [SplitImage, SplitImage];
  /** Correlation of their thumbnails, 0.97–1. */
  readonly likeness: number;
}

/** Most alike first; undefined where they were not searched for. Throws the signal's reason. */
export async function findNearCopies(
  { images, sides }: SplitCounts,
  { dataset, config, maxPixels, signal }: ThumbnailOptions,
): Promise<NearCopy[] | undefined> {
  if (dataset === undefined || sides.length < 2 || images.length > mostSearched) return undefined;
  const located = images.flatMap((image) => {
    const file = locateImage(dataset, image.path);
    return file ? [{ image, file }] : [];
  });
  const seen: Seen[] = [];
  const hash = createPerceptualHash(side);
  const size = { height: side, width: side, fit: "stretch", batch: 64 } as const;
  const options = { ...size, window: parseSettledWindow(config.window), maxPixels, signal, onSkip: () => {} };
  const files = located.map(({ file }) => file);
  for await (const { planes, indices } of readBatches(files, options)) {
    for (const [i, index] of indices.entries()) {
      const plane = planes.slice(i * side * side, (i + 1) * side * side);
      seen.push({
        image: located[index]!.image,
        hash: hash(plane),
        thumbnail: { values: new Uint8Array(new Uint8ClampedArray(plane).buffer), black: 0, white: 255 },
      });
    }
  }
  return pairsAcross(seen);
}

interface Seen {
  readonly image: SplitImage;
  readonly hash: string;
  readonly thumbnail: Thumbnail;
}

function pairsAcross(seen: readonly Seen[]): NearCopy[] {
  const copies: NearCopy[] = [];
  const compared = new Uint8Array(seen.length);
  nearPairs(
    seen.map(({ hash }) => hash),
    (i, j) => {
      const [a, b] = [seen[i]!, seen[j]!];
      if (a.image.side === b.image.side || compared[j] === mostCompared) return;
      compared[j]!++;
      const likeness = correlation(a.thumbnail, b.thumbnail);
      if (likeness >= leastLikeness) copies.push({ images: [a.image, b.image], likeness });
    },
  );
  return copies.sort((a, b) => b.likeness - a.likeness || (a.images[0].path < b.images[0].path ? -1 : 1));
}
