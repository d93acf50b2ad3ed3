import { describe, expect, it } from "vitest";
import { InputError } from "../../errors.js";
import { type AugmentTexts, parseAugmentation } from "./parse-augmentation.js";
import { presets } from "./presets.js";

describe("options of augmentation", () => {
  it("have the meaning they have in Keras' ImageDataGenerator", () => {
    const options = parseAugmentation({
      rotation: "20",
      shift: "0.1",
      shiftY: "0.2",
      shear: "5",
      zoom: "0.2",
      flipHorizontal: true,
      brightness: "0.5:1.5",
      fill: "constant",
      cval: "7",
    });
    expect(options).toEqual({
      move: {
        rotation: [-20, 20],
        shiftX: [-0.1, 0.1],
        shiftY: [-0.2, 0.2],
        shearing: [-5, 5],
        zoomX: [0.8, 1.2],
        zoomY: [0.8, 1.2],
        flipX: 0.5,
      },
      brightness: { factor: [0.5, 1.5] },
      fill: "constant",
      cval: 7,
    });
  });

  it("take the place of what a preset says of the same, and leave the rest of it", () => {
    const { move, ...others } = parseAugmentation({
      preset: "surface",
      rotation: "3",
      flipVertical: false,
      noise: "2:4",
    });
    expect(move).toEqual({ ...presets.surface.move, rotation: [-3, 3], flipY: 0 });
    expect(others).toEqual({
      brightness: presets.surface.brightness,
      contrast: presets.surface.contrast,
      gaussianNoise: { sd: [2, 4] },
      fill: "reflect",
    });
  });

  it("say nothing where nothing is said, and everything that a preset does", () => {
    expect(parseAugmentation({})).toEqual({});
    expect(parseAugmentation({ preset: "micro" })).toEqual(presets.micro);
  });

  it("read one number as the range it stands for", () => {
    const options = parseAugmentation({
      noise: "6",
      poisson: "50",
      blur: "1",
      cutOut: "0.3",
      elastic: "0.02",
      clahe: "3",
    });
    expect(options).toEqual({
      gaussianNoise: { sd: [0, 6] },
      poissonNoise: { photons: [50, 500] },
      blur: { sd: [0, 1] },
      cutOut: { holes: 1, side: [0, 0.3] },
      elastic: { spacing: [0.12, 0.2], shift: [0, 0.02] },
      clahe: { limit: [1, 3], tiles: 8 },
    });
  });

  it.each<[AugmentTexts, string]>([
    [
      { preset: "x-ray" },
      'augmentation: expected one of none, light, medium, strong, xray, surface, micro, document, got "x-ray"',
    ],
    [{ rotation: "-5" }, 'rotation: expected degrees from 0 to 180, got "-5"'],
    [{ rotation: "" }, 'rotation: expected degrees from 0 to 180, got ""'],
    [{ shift: "20" }, 'shift: expected a part of the side, from 0 to 0.99 (px divided by the side), got "20"'],
    [{ shear: "90" }, 'shear: expected degrees from 0 to 89, got "90"'],
    [
      { zoom: "1.5:0.5" },
      'zoom: expected a part such as 0.2 (from 0.8 to 1.2), or least:most, from 0.05 to 20, got "1.5:0.5"',
    ],
    [{ zoom: "1" }, 'zoom: expected a part such as 0.2 (from 0.8 to 1.2), or least:most, from 0.05 to 20, got "1"'],
    [
      { brightness: "1:2:3" },
      'brightness: expected a part such as 0.2 (from 0.8 to 1.2), or least:most, from 0 to 10, got "1:2:3"',
    ],
    [
      { gamma: "0:2" },
      'gamma: expected a part such as 0.2 (from 0.8 to 1.2), or least:most, from 0.1 to 10, got "0:2"',
    ],
    [
      { noise: "1e400" },
      'noise: expected the largest standard deviation in levels, from 0 to 255, or least:most, got "1e400"',
    ],
    [{ blur: "a\nb" }, 'blur: expected the largest standard deviation in px, from 0 to 50, or least:most, got "a\\nb"'],
    [{ clahe: "0.5" }, 'clahe: expected the largest clip limit, from 1 to 1000, or least:most, got "0.5"'],
    [{ fill: "mirror" }, 'fill: expected one of nearest, constant, reflect, wrap, got "mirror"'],
    [{ cval: "256" }, 'cval: expected a level from 0 to 255, got "256"'],
  ])("refuse %j in one line", (texts, message) => {
    expect(() => parseAugmentation(texts)).toThrow(InputError);
    expect(() => parseAugmentation(texts)).toThrow(message);
  });
});
