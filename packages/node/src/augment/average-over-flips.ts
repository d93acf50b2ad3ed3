/** Test-time augmentation: an image is classified as it is and mirrored, and the probabilities are averaged. */
import type { NamedTensors, Session } from "@grayling/core";

/**
 * - `horizontal`: as it is, and left and right exchanged; twice the work.
 * - `flips`: also with top and bottom exchanged, and both; four times the work. Where directions mean something (letters,
 *   the heart on the left), flipped images are other images, and averaging over them makes answers worse.
 */
export type FlipAverage = "horizontal" | "flips";

export const flipAverages: readonly FlipAverage[] = ["horizontal", "flips"];

interface Flip {
  readonly flipX: boolean;
  readonly flipY: boolean;
}

const views: { readonly [A in FlipAverage]: readonly Flip[] } = {
  horizontal: [
    { flipX: false, flipY: false },
    { flipX: true, flipY: false },
  ],
  flips: [
    { flipX: false, flipY: false },
    { flipX: true, flipY: false },
    { flipX: false, flipY: true },
    { flipX: true, flipY: true },
  ],
};

/** A session with the same inputs [N, C, H, W] and outputs, each the mean over the views of every input. */
export function averageOverFlips(session: Session, average: FlipAverage): Session {
  return {
    bind: (inputs) => session.bind(inputs), // what stays the same is no image
    run: async (feeds) => {
      const outputs: NamedTensors[] = [];
      for (const flip of views[average]) outputs.push(await session.run(flipAll(feeds, flip)));
      return meanOf(outputs);
    },
    release: () => session.release(),
  };
}

function flipAll(feeds: NamedTensors, { flipX, flipY }: Flip): NamedTensors {
  if (!flipX && !flipY) return feeds;
  const flipped = Object.entries(feeds).map(([name, { shape, data }]) => {
    const [height, width] = shape.slice(-2) as [number, number]; // images have both
    return [name, { shape, data: flipPlanes(data, height, width, { flipX, flipY }) }] as const;
  });
  return Object.fromEntries(flipped);
}

/** Each plane of [n, height, width] on its own. */
function flipPlanes(data: Float32Array, height: number, width: number, { flipX, flipY }: Flip): Float32Array {
  const flipped = new Float32Array(data.length);
  for (let row = 0; row < data.length / width; row++) {
    const [plane, y] = [Math.floor(row / height), row % height];
    const levels = data.subarray(row * width, (row + 1) * width);
    const to = (plane * height + (flipY ? height - 1 - y : y)) * width;
    flipped.set(flipX ? levels.toReversed() : levels, to);
  }
  return flipped;
}

function meanOf(outputs: readonly NamedTensors[]): NamedTensors {
  const means = Object.entries(outputs[0]!).map(([name, { shape, data }]) => {
    const sums = Float64Array.from(data);
    for (const other of outputs.slice(1)) for (const [i, value] of other[name]!.data.entries()) sums[i]! += value;
    return [name, { shape, data: Float32Array.from(sums, (sum) => sum / outputs.length) }] as const;
  });
  return Object.fromEntries(means);
}
