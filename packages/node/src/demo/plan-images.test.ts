import { expect, it } from "vitest";
import { type Defect, defects } from "./defects.js";
import { counts, paintPlanned, planImages } from "./plan-images.js";
import type { Plane } from "./plane.js";

const classes = Object.keys(defects) as Defect[];
const planned = planImages();
const of = (defect: Defect) => planned.filter((image) => image.defect === defect);
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

it("plans as many images of every class, and as many of every encoding", () => {
  expect(planned).toHaveLength(classes.length * (counts.images + counts.heldOut));
  const encodingsOf = (defect: Defect) => of(defect).map(({ encoding }) => encoding);
  for (const defect of classes) expect(encodingsOf(defect)).toEqual(encodingsOf("pits"));
  expect(new Set(encodingsOf("pits"))).toEqual(new Set(["png", "png16", "jpeg", "webp"]));
});

it("names every image once, in the order of its class", () => {
  const names = planned.map(({ relative }) => relative);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual([...names].sort());
});

it("paints the same for the same seed, and something else for another seed or number", () => {
  for (const defect of classes) {
    const [first, second] = of(defect);
    const painted = paintPlanned(first!, 0);
    expect(paintPlanned(first!, 0)).toEqual(painted);
    expect(paintPlanned(first!, 1).values).not.toEqual(painted.values);
    expect(paintPlanned(second!, 0).values).not.toEqual(painted.values);
  }
});

it("lets neither size nor brightness nor contrast tell the class", () => {
  const numbers = [1, 8, 15, 22, 29, 36, 43, 50, 57, 64];
  const deviation = ({ values }: Plane) => {
    const middle = mean(values);
    return Math.sqrt(mean(values.map((level) => (level - middle) ** 2)));
  };
  const ofClasses = classes.map((defect) => {
    const planes = numbers.map((number) => paintPlanned(of(defect)[number - 1]!, 0));
    return {
      sizes: planes.map(({ width, height }) => [width, height]),
      brightness: mean(planes.map(({ values }) => 255 * mean(values))),
      contrast: mean(planes.map((plane) => 255 * deviation(plane))),
    };
  });
  for (const { sizes, brightness, contrast } of ofClasses) {
    expect(sizes).toEqual(ofClasses[0]!.sizes);
    // Light falls unevenly and is drawn for each image, and levels beyond black and white are cut off: a few levels of
    // 255, where the images of one class differ by up to 100.
    expect(Math.abs(brightness - ofClasses[0]!.brightness)).toBeLessThan(3);
    expect(Math.abs(contrast - ofClasses[0]!.contrast)).toBeLessThan(4);
  }
  expect(new Set(ofClasses[0]!.sizes.flat()).size).toBeGreaterThan(10);
});
