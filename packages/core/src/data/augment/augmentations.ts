/** The table of operations: how each is drawn from its ranges, and how it is applied. Gray has no hue and no saturation. */
import type { SeededRandom } from "../../seeded-random.js";
import { affineMatrix } from "./affine-matrix.js";
import { equalizeLocally } from "./clahe.js";
import { cutOut } from "./cut-out.js";
import { bend, drawShifts } from "./elastic.js";
import { blur } from "./gaussian-blur.js";
import type { GrayPlane } from "./gray-plane.js";
import { addGaussianNoise, addPoissonNoise } from "./noise.js";
import type { OperationKind, Operations, Range } from "./operations.js";
import { changeBrightness, changeContrast, changeGamma } from "./tone.js";
import { type Filling, warpAffine } from "./warp-affine.js";

export interface Augmentation<K extends OperationKind> {
  /** The numbers for one image, its chance aside. */
  readonly draw: (ranges: Operations[K]["ranges"], random: SeededRandom, filling: Filling) => Operations[K]["drawn"];
  /** A plane of the same size, whose levels are written to `into`. */
  readonly apply: (plane: GrayPlane, drawn: Operations[K]["drawn"], into: Float32Array) => GrayPlane;
}

/** In the order in which they are applied. */
export const augmentations: { readonly [K in OperationKind]: Augmentation<K> } = {
  move: {
    draw: ({ flipX = 0, flipY = 0, ...ranges }, random, filling) => ({
      ...drawEach(ranges, random),
      flipX: random.next() < flipX,
      flipY: random.next() < flipY,
      ...filling,
    }),
    apply: (plane, drawn, into) => warpAffine(plane, affineMatrix(drawn, plane.height, plane.width), drawn, into),
  },
  elastic: {
    draw: ({ spacing, shift }, random, filling) => ({
      ...drawEach({ spacing, shift }, random),
      ...filling,
      seed: drawSeed(random),
    }),
    apply: (plane, { spacing, shift, seed, ...filling }, into) => {
      const side = Math.max(plane.height, plane.width);
      const grid = drawShifts(plane, { spacing: Math.max(2, spacing * side), shift: shift * side }, seed);
      return bend(plane, grid, filling, into);
    },
  },
  clahe: {
    draw: ({ limit, tiles }, random) => ({ ...drawEach({ limit }, random), tiles }),
    apply: equalizeLocally,
  },
  brightness: {
    draw: ({ factor }, random) => drawEach({ factor }, random),
    apply: (plane, { factor }, into) => changeBrightness(plane, factor, into),
  },
  contrast: {
    draw: ({ factor }, random) => drawEach({ factor }, random),
    apply: (plane, { factor }, into) => changeContrast(plane, factor, into),
  },
  gamma: {
    draw: ({ gamma }, random) => drawEach({ gamma }, random),
    apply: (plane, { gamma }, into) => changeGamma(plane, gamma, into),
  },
  blur: {
    draw: ({ sd }, random) => drawEach({ sd }, random),
    apply: (plane, { sd }, into) => blur(plane, sd, into),
  },
  poissonNoise: {
    draw: ({ photons }, random) => ({ ...drawEach({ photons }, random), seed: drawSeed(random) }),
    apply: (plane, { photons, seed }, into) => addPoissonNoise(plane, photons, seed, into),
  },
  gaussianNoise: {
    draw: ({ sd }, random) => ({ ...drawEach({ sd }, random), seed: drawSeed(random) }),
    apply: (plane, { sd, seed }, into) => addGaussianNoise(plane, sd, seed, into),
  },
  cutOut: {
    draw: ({ holes, side }, random) => ({
      holes: Array.from({ length: holes }, () =>
        drawEach({ middleX: wholeSide, middleY: wholeSide, width: side, height: side }, random),
      ),
    }),
    apply: (plane, { holes }, into) => cutOut(plane, holes, into),
  },
};

const wholeSide: Range = [0, 1];

const drawSeed = (random: SeededRandom) => random.integer(0x1_0000_0000);

/** A number of every range, in the order of their names: the order in which options were written makes no difference. */
function drawEach<Ranges extends { readonly [F in string]?: Range }>(
  ranges: Ranges,
  random: SeededRandom,
): { readonly [F in keyof Ranges]: number } {
  const names = Object.keys(ranges).sort();
  const drawn = names.map((name) => {
    const [least, most] = ranges[name]!;
    return [name, least + (most - least) * random.next()];
  });
  return Object.fromEntries(drawn); // the same names, each with a number
}
