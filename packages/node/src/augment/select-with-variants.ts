/** Tables of features to train on: images, and their variants with them. */
import { type FeatureTable, selectRows } from "../features/feature-table.js";

/** Features of variants of all rows of a table of images. */
export interface VariantTable {
  /** [Σ tiles · perImage, columns]: the variants of an image behind each other, each with all its tiles. */
  readonly values: Float32Array;
  readonly perImage: number;
}

/**
 * The images for which `isWanted` holds, in order, and behind them their variants: none of another image, so that no
 * variant of an image that validates is learnt from. A variant is of its image's group: with it, it is held out inside
 * the training as well.
 */
export function selectWithVariants(
  table: FeatureTable,
  variants: VariantTable | undefined,
  isWanted: (row: number) => boolean,
): FeatureTable {
  if (!variants) return selectRows(table, isWanted);
  const { perImage } = variants;
  const groups = table.groups ?? table.labels.map((_, row) => String(row));
  const repeated = <T>(items: readonly T[]): T[] => items.flatMap((item) => new Array<T>(perImage).fill(item));
  const images = selectRows({ ...table, groups }, isWanted);
  const ofVariants = {
    values: variants.values,
    columns: table.columns,
    labels: repeated(table.labels),
    groups: repeated(groups),
    tiles: table.tiles && repeated(table.tiles),
  };
  const chosen = selectRows(ofVariants, (variant) => isWanted(Math.floor(variant / perImage)));
  const values = new Float32Array(images.values.length + chosen.values.length);
  values.set(images.values);
  values.set(chosen.values, images.values.length);
  return {
    values,
    columns: table.columns,
    labels: [...images.labels, ...chosen.labels],
    groups: [...images.groups!, ...chosen.groups!], // given above
    tiles: table.tiles && [...images.tiles!, ...chosen.tiles!],
  };
}
