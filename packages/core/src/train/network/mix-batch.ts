/** What makes a batch harder to learn by heart: smoothed targets, mixed images, pasted patches. All seeded. */
import type { Tensor } from "../../graph/tensor.js";
import type { SeededRandom } from "../../seeded-random.js";

/** How a batch is made harder; 0 leaves each off. */
export interface MixOptions {
  /** Part of each target that is spread over all classes, 0 up to 1. */
  readonly labelSmoothing: number;
  /** α of the Beta(α, α) that mixup draws its share from; 0: none. Zhang et al. 2018, https://arxiv.org/abs/1710.09412. */
  readonly mixup: number;
  /** α of CutMix, 0: none. Yun et al. 2019, https://arxiv.org/abs/1905.04899. Where both are given each takes half the batches. */
  readonly cutmix: number;
}

/** (1 − s)·onehot + s/K for each label, times the weight of its class, [labels, classes]. As Keras smooths. */
export function targetsOf(labels: readonly number[], weights: readonly number[], smoothing: number): Float32Array {
  const classes = weights.length;
  const targets = new Float32Array(labels.length * classes);
  for (const [row, label] of labels.entries()) {
    for (let k = 0; k < classes; k++) {
      targets[row * classes + k] = weights[label]! * ((k === label ? 1 - smoothing : 0) + smoothing / classes);
    }
  }
  return targets;
}

/**
 * Mixes `rows` images of a batch with one another in place, targets with them: image i with the image at its place in a random order.
 * `images` are planes or maps [N, C, H, W]; rows behind `rows` are filling and stay.
 */
export function mixBatch(
  images: Tensor,
  targets: Float32Array,
  rows: number,
  { mixup, cutmix }: Pick<MixOptions, "mixup" | "cutmix">,
  random: SeededRandom,
): void {
  if (rows < 2 || (mixup === 0 && cutmix === 0)) return;
  const isCut = cutmix > 0 && (mixup === 0 || random.next() < 0.5);
  const partners = random.shuffled(Array.from({ length: rows }, (_, row) => row));
  const share = beta(isCut ? cutmix : mixup, random);
  const before = images.data.slice(0, (images.data.length / images.shape[0]!) * rows);
  if (isCut) {
    const kept = pastePatches(images, before, partners, share, random);
    blend(targets, targets.slice(0, (targets.length / images.shape[0]!) * rows), partners, kept);
  } else {
    blend(images.data, before, partners, share);
    blend(targets, targets.slice(0, (targets.length / images.shape[0]!) * rows), partners, share);
  }
}

/** row i = share · row i + (1 − share) · row partner(i) */
function blend(into: Float32Array, before: Float32Array, partners: readonly number[], share: number): void {
  const width = before.length / partners.length;
  for (const [row, partner] of partners.entries()) {
    for (let i = 0; i < width; i++) {
      into[row * width + i] = share * before[row * width + i]! + (1 - share) * before[partner * width + i]!;
    }
  }
}

/** A rectangle of √(1 − share) of each side from the partner. Returns the part of the pixels that stayed. */
function pastePatches(
  { shape, data }: Tensor,
  before: Float32Array,
  partners: readonly number[],
  share: number,
  random: SeededRandom,
): number {
  const [, channels, height, width] = shape as readonly [number, number, number, number];
  const side = Math.sqrt(1 - share);
  const [x, y] = [random.integer(width), random.integer(height)];
  const edges = (centre: number, extent: number) => {
    const half = Math.floor((extent * side) / 2);
    return [Math.max(0, centre - half), Math.min(extent, centre + half)] as const;
  };
  const [[left, right], [top, bottom]] = [edges(x, width), edges(y, height)];
  for (const [row, partner] of partners.entries()) {
    for (let line = 0; line < channels * height; line++) {
      const at = line % height;
      if (at < top || at >= bottom) continue;
      const from = (partner * channels * height + line) * width;
      data.set(before.subarray(from + left, from + right), (row * channels * height + line) * width + left);
    }
  }
  return 1 - ((right - left) * (bottom - top)) / (width * height);
}

/** From Beta(α, α), as a ratio of two gammas. */
export function beta(alpha: number, random: SeededRandom): number {
  const [a, b] = [gamma(alpha, random), gamma(alpha, random)];
  return a + b === 0 ? 0.5 : a / (a + b);
}

/** From Gamma(shape, 1). Source: Marsaglia & Tsang 2000, https://doi.org/10.1145/358407.358414; shapes below 1 by their note. */
export function gamma(shape: number, random: SeededRandom): number {
  if (shape < 1) return gamma(shape + 1, random) * random.next() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
