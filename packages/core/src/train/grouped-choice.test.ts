import { describe, expect, it } from "vitest";
import { SeededRandom } from "../seeded-random.js";
import { settleOptions } from "./layers/head-options.js";
import { prepareHeadData } from "./layers/head-samples.js";
import { denseProducts } from "./linear/dense-products.js";
import { fitLogisticRegression } from "./linear/logistic-regression.js";

const [patients, perPatient, columns] = [40, 4, 60];
const random = new SeededRandom(2, "patients");

/** Each patient has features of its own, nearly the same in every image; the label is one weak feature's sign. */
const images = Array.from({ length: patients }, (_, patient) => {
  const label = patient % 2;
  const own = Array.from({ length: columns }, () => random.normal());
  own[0] = own[0]! + (label ? 1 : -1);
  return Array.from({ length: perPatient }, () => ({
    label,
    group: `patient ${patient}`,
    features: own.map((value) => value + 0.05 * random.normal()),
  }));
}).flat();
const labels = images.map(({ label }) => label);
const groups = images.map(({ group }) => group);
const features = Float32Array.from(images.flatMap((image) => image.features));

describe("what a head decides by images held out inside the training", () => {
  it("is decided by other groups, so that its score is honest where patients could be learnt by heart", async () => {
    const products = denseProducts(features, labels.length, columns);
    const shuffled = await fitLogisticRegression(products, labels, 2, { seed: 0 });
    const grouped = await fitLogisticRegression(products, labels, 2, { seed: 0, groups });
    const accuracy = ({ crossValidation, C }: typeof grouped) =>
      crossValidation.find((score) => score.C === C)!.accuracy;
    expect(accuracy(shuffled)).toBeGreaterThan(0.95);
    expect(accuracy(grouped)).toBeLessThan(0.85); // Φ(1) = 0.84 with the one feature that tells
  });

  it("is what it was where every image is a group of its own", async () => {
    const products = denseProducts(features, labels.length, columns);
    const own = labels.map((_, i) => `image ${i}`);
    const [plain, grouped] = [
      await fitLogisticRegression(products, labels, 2, { seed: 3 }),
      await fitLogisticRegression(products, labels, 2, { seed: 3, groups: own }),
    ];
    expect(grouped).toEqual(plain);
  });

  it("takes C = 1 where there is one group: nothing can be held out", async () => {
    const products = denseProducts(features, labels.length, columns);
    const one = labels.map(() => "one");
    expect(await fitLogisticRegression(products, labels, 2, { seed: 0, groups: one })).toMatchObject({
      C: 1,
      crossValidation: [],
    });
  });

  it("is decided by other groups in a head of layers as well", () => {
    const settings = settleOptions({ seed: 0 });
    const { fit, stop } = prepareHeadData({ features, labels, classes: 2, groups }, settings);
    const learnt = new Set(fit.map((image) => groups[image]));
    expect(stop.length).toBeGreaterThan(0);
    expect(stop.filter((image) => learnt.has(groups[image]))).toEqual([]);
  });
});
