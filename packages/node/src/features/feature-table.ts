/** Features of labelled images. */

export interface FeatureTable {
  /** [Σ tiles, columns], row major: the tiles of an image behind each other. */
  readonly values: Float32Array;
  readonly columns: number;
  /** [images] */
  readonly labels: readonly number[];
  /** [images] Images of one group are not held against each other; absent: each is a group of its own. */
  readonly groups?: readonly string[] | undefined;
  /** [images] Rows of each image; absent: one. */
  readonly tiles?: readonly number[] | undefined;
}

/** The images for which `isWanted` holds, in order, copied. */
export function selectRows(
  { values, columns, labels, groups, tiles }: FeatureTable,
  isWanted: (image: number) => boolean,
): FeatureTable {
  const images = labels.map((_, image) => image).filter(isWanted);
  const ofImages = <T>(list: readonly T[]) => images.map((image) => list[image]!);
  const starts = rowStarts(tiles ?? labels.map(() => 1));
  const rowsOf = (image: number) => values.subarray(starts[image]! * columns, starts[image + 1]! * columns);
  const selected = new Float32Array(images.reduce((length, image) => length + rowsOf(image).length, 0));
  let end = 0;
  for (const image of images) {
    selected.set(rowsOf(image), end);
    end += rowsOf(image).length;
  }
  return {
    values: selected,
    columns,
    labels: ofImages(labels),
    groups: groups && ofImages(groups),
    tiles: tiles && ofImages(tiles),
  };
}

/** [images + 1] The first row of each image, and the number of rows, where images have so many. */
export function rowStarts(tiles: readonly number[]): number[] {
  const starts = [0];
  for (const [image, count] of tiles.entries()) starts.push(starts[image]! + count);
  return starts;
}

/**
 * The same with every tile as an image of its own, of the label and the group of the image that it was cut from: so the
 * tiles of an image stay together wherever some are held out.
 */
export function tilesAsImages({ values, columns, labels, groups, tiles }: FeatureTable): FeatureTable {
  if (!tiles || tiles.every((count) => count === 1)) return { values, columns, labels, groups };
  const perTile = <T>(list: readonly T[]): T[] => list.flatMap((item, image) => new Array<T>(tiles[image]!).fill(item));
  const ofImages = groups ?? labels.map((_, image) => String(image));
  return { values, columns, labels: perTile(labels), groups: perTile(ofImages) };
}
