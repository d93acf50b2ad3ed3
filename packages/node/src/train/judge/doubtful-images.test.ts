import { SeededRandom } from "@grayling/core";
import { afterAll, describe, expect, it } from "vitest";
import type { FeatureTable } from "../../features/feature-table.js";
import { openRuntime } from "../../runtime/open-runtime.js";
import { resolveOptions } from "../train-options.js";
import { findDoubtfulImages } from "./doubtful-images.js";

const runtime = openRuntime({ device: "cpu", onFallback: () => {} });
afterAll(() => runtime.close());
const context = { runtime, classes: ["a", "b", "c"], options: resolveOptions({}), onEvent: () => {}, candidates: [1] };

/** 90 images in three clear clusters. */
function clusters(): FeatureTable & { readonly labels: number[] } {
  const random = new SeededRandom(3);
  const labels = Array.from({ length: 90 }, (_, i) => i % 3);
  const values = Float32Array.from(
    labels.flatMap((label) => [0, 1, 2].map((k) => (k === label ? 3 : 0) + 0.3 * random.normal())),
  );
  return { values, columns: 3, labels };
}

describe("doubtful images", () => {
  it("are those whose label was made wrong, with neighbours of the class that is suggested", async () => {
    const table = clusters();
    const { labels } = table;
    for (const image of [4, 33, 71]) labels[image] = (labels[image]! + 1) % 3;
    const doubtful = await findDoubtfulImages(table, context);
    expect(new Set(doubtful!.slice(0, 3).map(({ image }) => image))).toEqual(new Set([4, 33, 71]));
    for (const { image, suggested, neighbours } of doubtful!.slice(0, 3)) {
      expect(suggested).toBe(image % 3);
      expect(neighbours).not.toContain(image);
      expect(neighbours).toHaveLength(5);
      expect(neighbours.every((near) => near % 3 === suggested)).toBe(true);
    }
  });

  it("are told by linear heads, also where the head that is kept is of layers", async () => {
    const table = clusters();
    for (const image of [4, 33, 71]) table.labels[image] = (table.labels[image]! + 1) % 3;
    const layers = { ...context, options: resolveOptions({ head: "dense(8,relu)" }), candidates: undefined };
    expect(await findDoubtfulImages(table, layers)).toEqual(await findDoubtfulImages(table, context)); // at C = 1
  });

  it("are not looked for where a class is one group, or there are fewer groups than folds", async () => {
    const table = clusters();
    const patients = table.labels.map((label, i) => (label === 2 ? "one" : `p${i % 7}`));
    expect(await findDoubtfulImages({ ...table, groups: patients }, context)).toBeUndefined();
    expect(
      await findDoubtfulImages({ ...table, groups: table.labels.map((_, i) => `p${i % 2}`) }, context),
    ).toBeUndefined();
  });
});
