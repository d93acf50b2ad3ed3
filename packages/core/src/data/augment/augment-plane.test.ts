import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../seeded-random.js";
import { formulaPlane } from "../../testing/augment-fixture.js";
import { applyAugmentation, augmentPlane } from "./apply-augmentation.js";
import { augmentations } from "./augmentations.js";
import { drawAugmentation, drawVariant, operationKinds } from "./draw-augmentation.js";
import type { AugmentOptions, DrawnAugmentation } from "./operations.js";
import { presetNames, presets } from "./presets.js";
import { showAugmentation } from "./show-augmentation.js";

/** Every operation, always. */
const everything: AugmentOptions = {
  move: {
    rotation: [-20, 20],
    shearing: [-9, 9],
    zoomX: [0.7, 1.3],
    zoomY: [0.7, 1.3],
    shiftX: [-0.2, 0.2],
    flipX: 0.5,
  },
  elastic: { spacing: [0.1, 0.2], shift: [0, 0.03] },
  clahe: { limit: [1, 4], tiles: 4 },
  brightness: { factor: [0.7, 1.3] },
  contrast: { factor: [0.7, 1.3] },
  gamma: { gamma: [0.7, 1.4] },
  blur: { sd: [0.3, 1.5] },
  poissonNoise: { photons: [30, 300] },
  gaussianNoise: { sd: [0, 12] },
  cutOut: { holes: 2, side: [0.1, 0.3] },
  fill: "reflect",
};
const variantOf = (image: string, epoch = 0, seed = 0) => ({ seed, image, epoch });

describe("an augmentation", () => {
  it("has a row for every operation, and draws each that is asked for, in the order of the table", () => {
    const drawn = drawAugmentation(everything, new SeededRandom(1));
    expect(drawn.map(({ kind }) => kind)).toEqual([...operationKinds]);
    expect(Object.keys(augmentations)).toEqual([...operationKinds]);
  });

  it("is the same for the same seed, image and epoch, and another for another of them", () => {
    const first = drawVariant(everything, variantOf("a", 3, 7));
    expect(drawVariant(everything, variantOf("a", 3, 7))).toEqual(first);
    for (const other of [variantOf("b", 3, 7), variantOf("a", 4, 7), variantOf("a", 3, 8)]) {
      expect(drawVariant(everything, other)).not.toEqual(first);
    }
  });

  it("does not depend on which images came before", () => {
    const images = ["a", "b", "c", "d"];
    const plane = formulaPlane({ height: 20, width: 31 });
    const inOrder = images.map((image) => augmentPlane(plane, everything, variantOf(image)));
    const backwards = images.toReversed().map((image) => augmentPlane(plane, everything, variantOf(image)));
    expect(backwards.toReversed()).toEqual(inOrder);
  });

  it("does not depend on the order in which options are written, only on what they say", () => {
    const turned = { move: { flipX: 0.5, shiftX: [-0.1, 0.1], rotation: [-5, 5] } } as const;
    const same = { move: { rotation: [-5, 5], shiftX: [-0.1, 0.1], flipX: 0.5 } } as const;
    expect(drawVariant(turned, variantOf("a"))).toEqual(drawVariant(same, variantOf("a")));
  });

  it("is a value: what was written as JSON and read back does the same", () => {
    const plane = formulaPlane({ height: 24, width: 18 });
    const drawn = drawVariant(everything, variantOf("a"));
    const read = JSON.parse(JSON.stringify(drawn)) as DrawnAugmentation;
    expect(read).toEqual(drawn);
    expect(applyAugmentation(plane, read)).toEqual(applyAugmentation(plane, drawn));
  });

  it("keeps the size and stays within 0–255, on planes of every shape, and leaves the plane that was given", () => {
    for (const [height, width] of [
      [1, 1],
      [1, 9],
      [7, 1],
      [2, 3],
      [33, 20],
    ] as const) {
      const plane = formulaPlane({ height, width });
      const before = plane.values.slice();
      for (const options of [everything, ...Object.values(presets)]) {
        for (let epoch = 0; epoch < 6; epoch++) {
          const { values, ...size } = augmentPlane(plane, options, variantOf("x", epoch));
          expect([size.height, size.width, values.length]).toEqual([height, width, height * width]);
          expect(values.every((level) => level >= 0 && level <= 255)).toBe(true); // so that NaN fails too
        }
      }
      expect(plane.values).toEqual(before);
    }
  });

  it("happens as often as its chance says, and draws evenly from its range", () => {
    const options = { brightness: { factor: [0.5, 1.5], chance: 0.3 }, move: { flipX: 0.5 } } as const;
    const all = Array.from({ length: 4000 }, (_, i) => drawVariant(options, variantOf(`image ${i}`)));
    const bright = all.flatMap((drawn) => drawn.filter((operation) => operation.kind === "brightness"));
    const flips = all.filter((drawn) => drawn.some((operation) => operation.kind === "move" && operation.flipX));
    const within = (count: number, of: number, part: number) =>
      expect(Math.abs(count / of - part)).toBeLessThan(4 * Math.sqrt((part * (1 - part)) / of));
    within(bright.length, 4000, 0.3);
    within(flips.length, 4000, 0.5);
    for (const tenth of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
      within(bright.filter(({ factor }) => factor < 0.5 + tenth / 10).length, bright.length, tenth / 10);
    }
  });

  it("of nothing is the plane itself", () => {
    const plane = formulaPlane({ height: 4, width: 4 });
    expect(augmentPlane(plane, presets.none, variantOf("a"))).toBe(plane);
  });

  it("is said in words", () => {
    expect(showAugmentation([])).toBe("as it is");
    const filling = { fill: "nearest", cval: 0 } as const;
    const drawn: DrawnAugmentation = [
      { kind: "move", rotation: 4.123, shiftX: -0.031, shiftY: 0.5, flipX: true, flipY: false, ...filling },
      { kind: "brightness", factor: 1.1 },
      { kind: "gaussianNoise", sd: 3.21, seed: 1 },
      { kind: "cutOut", holes: [{ middleX: 0.5, middleY: 0.5, width: 0.2, height: 0.1 }] },
    ];
    expect(showAugmentation(drawn).replaceAll("\u00a0", " ")).toBe(
      "rotation 4.12° · shift -3 %, 50 % · flip x · brightness 1.1 · noise 3.21 · cut-out 20 % × 10 %",
    );
  });
});

describe("presets", () => {
  it("flip and turn upside down only where no direction means anything", () => {
    const flipping = presetNames.filter((name) => presets[name].move?.flipX || presets[name].move?.flipY);
    expect(flipping).toEqual(["surface", "micro"]);
  });

  it("change more from light to strong", () => {
    const plane = formulaPlane({ height: 48, width: 48 });
    const smooth = {
      ...plane,
      values: plane.values.map((_, i) => 128 + 100 * Math.sin(i / 300) * Math.cos((i % 48) / 8)),
    };
    const change = (name: "light" | "medium" | "strong") => {
      let sum = 0;
      for (let epoch = 0; epoch < 60; epoch++) {
        const { values } = augmentPlane(smooth, presets[name], variantOf("a", epoch));
        for (const [i, level] of values.entries()) sum += Math.abs(level - smooth.values[i]!);
      }
      return sum;
    };
    expect(change("light")).toBeLessThan(change("medium"));
    expect(change("medium")).toBeLessThan(change("strong"));
  });
});
