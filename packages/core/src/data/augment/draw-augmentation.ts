/** Draws what happens to an image. */
import { SeededRandom } from "../../seeded-random.js";
import { augmentations } from "./augmentations.js";
import type {
  AugmentOptions,
  Chance,
  DrawnAugmentation,
  DrawnOperation,
  OperationKind,
  Operations,
} from "./operations.js";

/** The kinds in the order in which they are applied. */
export const operationKinds = Object.keys(augmentations) as readonly OperationKind[]; // the keys of a closed table

/** One list of operations. Same options and state of `random`: the same list. */
export function drawAugmentation(options: AugmentOptions, random: SeededRandom): DrawnAugmentation {
  return operationKinds.flatMap((kind) => drawOne(kind, options, random));
}

function drawOne<K extends OperationKind>(
  kind: K,
  options: AugmentOptions,
  random: SeededRandom,
): readonly DrawnOperation[] {
  const ranges: Operations[K]["ranges"] | undefined = options[kind];
  if (ranges === undefined) return [];
  const { chance = 1 }: Chance = "chance" in ranges ? ranges : {};
  if (random.next() >= chance) return [];
  const filling = { fill: options.fill ?? "nearest", cval: options.cval ?? 0 };
  // The kind and what its own row drew; that both are of one K is more than TypeScript sees.
  return [{ kind, ...augmentations[kind].draw(ranges, random, filling) } as DrawnOperation];
}

/** Which variant of which image. */
export interface Variant {
  readonly seed: number;
  /** Names the image: the hash of its content, so that neither its place in a folder nor that of others counts. */
  readonly image: string;
  /** The epoch, or the number of a variant that is kept; from 0. */
  readonly epoch: number;
}

/** What happens to a variant of an image: independent of the order in which images come, and of threads. */
export function drawVariant(options: AugmentOptions, { seed, image, epoch }: Variant): DrawnAugmentation {
  return drawAugmentation(options, new SeededRandom(seed, `augment/${image}/${epoch}`));
}
