/** Which files Keras' two loaders put on which side of `validation_split`, file by file. */
import { InputError } from "../errors.js";
import { numpyShuffled } from "./numpy-shuffle.js";

export interface KerasSplit {
  /** Paths in Keras' own order. */
  readonly train: readonly string[];
  readonly val: readonly string[];
}

/** What `flow_from_directory` reads. It looks at the end of the name only: "png" would do. */
const generatorFormats: readonly string[] = ["png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff"];

/** What `image_dataset_from_directory` reads. */
const datasetFormats: readonly string[] = [".bmp", ".gif", ".jpeg", ".jpg", ".png"];

/**
 * `ImageDataGenerator(validation_split=fraction).flow_from_directory`: of each class the first ⌊fraction · n⌋ files
 * validate. Shuffling changes only the order of what is on a side. `paths` begin with their class, separated by "/".
 * Throws `InputError` for a fraction that is not between 0 and 1.
 * Source: keras 3.15.1, `src/legacy/preprocessing/image.py`, `_list_valid_filenames_in_directory`; Keras 2 agrees.
 */
export function kerasGeneratorSplit(paths: readonly string[], fraction: number): KerasSplit {
  check(fraction);
  const files = inKerasOrder(paths, generatorFormats);
  const counts = new Map<string, number>(); // by class
  for (const file of files) counts.set(classOf(file), (counts.get(classOf(file)) ?? 0) + 1);
  const seen = new Map<string, number>();
  const validates = files.map((file) => {
    const name = classOf(file);
    const place = seen.get(name) ?? 0;
    seen.set(name, place + 1);
    return place < Math.trunc(fraction * counts.get(name)!);
  });
  return { train: files.filter((_, i) => !validates[i]), val: files.filter((_, i) => validates[i]) };
}

/**
 * `image_dataset_from_directory(validation_split=fraction, seed=seed)`: the last ⌊fraction · n⌋ of all files validate,
 * after NumPy's shuffle with the seed; without a seed as with `shuffle=False`, which takes them from the last class.
 * Throws `InputError` for a fraction that is not between 0 and 1 or gives no file: Keras would then train on none.
 * Source: keras 3.15.1, `src/utils/dataset_utils.py`, `index_directory` and `get_training_or_validation_split`.
 */
export function kerasDatasetSplit(paths: readonly string[], fraction: number, seed?: number): KerasSplit {
  check(fraction);
  const classed = paths.filter((path) => !path.startsWith(".")); // the generator takes hidden folders for classes
  const sorted = inKerasOrder(classed, datasetFormats);
  const files = seed === undefined ? sorted : numpyShuffled(sorted, seed);
  const count = Math.trunc(fraction * files.length);
  if (count === 0) {
    throw new InputError(
      `validation ${fraction}: of ${files.length} files none would validate, and Keras would train on none; take more`,
    );
  }
  return { train: files.slice(0, -count), val: files.slice(-count) };
}

function check(fraction: number): void {
  if (fraction > 0 && fraction < 1) return;
  throw new InputError(`validation ${fraction}: Keras expects a fraction between 0 and 1`);
}

const classOf = (path: string): string => path.slice(0, path.indexOf("/"));

/** By class, then by folder, then by name, each as Python sorts: by code points. */
function inKerasOrder(paths: readonly string[], formats: readonly string[]): string[] {
  return paths
    .filter((path) => formats.some((format) => path.toLowerCase().endsWith(format)))
    .map((path) => {
      const slash = path.lastIndexOf("/");
      return { path, keys: [classOf(path), path.slice(0, slash), path.slice(slash + 1)].map((key) => [...key]) };
    })
    .sort((a, b) => compareLists(a.keys, b.keys, comparePoints))
    .map(({ path }) => path);
}

const comparePoints = (a: readonly string[], b: readonly string[]): number =>
  compareLists(a, b, (x, y) => x.codePointAt(0)! - y.codePointAt(0)!);

function compareLists<T>(a: readonly T[], b: readonly T[], compare: (x: T, y: T) => number): number {
  for (const [i, item] of a.slice(0, b.length).entries()) {
    const difference = compare(item, b[i]!);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
