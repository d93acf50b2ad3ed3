import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { summarize } from "../explain/summary.js";
import { check } from "../graph/check.js";
import { nodeOf } from "../graph/graph.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { sharedFolder } from "../testing/shared-folder.js";
import { efficientNet, type ModelName, modelNames, scaleChannels } from "./efficientnet.js";

interface GoldenLayer {
  name: string;
  className: string;
  outputShape: (number | null)[];
  params: number;
  trainableParams: number;
  inbound: string[];
}
interface Golden {
  totals: { total: number; trainable: number; nonTrainable: number };
  totalsNoTop: { total: number; trainable: number; nonTrainable: number };
  layersNotInNoTop: string[];
  layers: GoldenLayer[];
}

const fixture = repositoryFolder("fixtures", "keras", "layers-EfficientNetB0.json");
const read = (path: string): Golden => JSON.parse(readFileSync(path, "utf8"));

/** Equal to what Keras 3.15 builds: names, classes, shapes, parameters, order, connections. */
function expectKerasLayers(name: ModelName, golden: Golden): void {
  const { layers, ...totals } = summarize(efficientNet(name, { height: 128, width: 128 }));
  const expected = golden.layers.map(({ name, className, outputShape, params, trainableParams, inbound }) => {
    return { name, className, outputShape, params, trainableParams, inbound };
  });
  expect(layers).toEqual(expected);
  expect(totals).toEqual(golden.totals);
  const bare = summarize(efficientNet(name, { height: 128, width: 128, includeTop: false }));
  expect({ total: bare.total, trainable: bare.trainable, nonTrainable: bare.nonTrainable }).toEqual(golden.totalsNoTop);
}

describe("efficientNet", () => {
  it("builds B0 layer by layer as Keras does", () => expectKerasLayers("efficientnet-b0", read(fixture)));

  it.for([1, 2, 3, 4, 5, 6, 7])("builds B%i layer by layer as Keras does", (i, context) => {
    const golden = sharedFolder("golden", "layers", `EfficientNetB${i}.json`);
    if (!golden || !existsSync(golden)) return context.skip("the recorded layers are not beside this checkout");
    expectKerasLayers(`efficientnet-b${i}` as ModelName, read(golden));
  });

  it("leaves out the second rescaling without ImageNet weights", () => {
    const names = (topology: "imagenet" | "none") =>
      summarize(efficientNet("efficientnet-b0", { topology })).layers.map((layer) => layer.name);
    expect(names("imagenet").filter((name) => !names("none").includes(name))).toEqual(["rescaling_1"]);
  });

  // Parameters of timm 1.0's tf_efficientnet_lite0–4, whose tables are Google's (million, rounded in its results: 4.65,
  // 5.42, 6.09, 8.20, 13.01); with BatchNorm's statistics, which Keras counts and PyTorch does not, subtracted here.
  it.each([
    ["efficientnet-lite0", 4.65],
    ["efficientnet-lite1", 5.42],
    ["efficientnet-lite2", 6.09],
    ["efficientnet-lite3", 8.2],
    ["efficientnet-lite4", 13.01],
  ] as const)("gives %s %d million trainable parameters", (name, millions) => {
    expect(summarize(efficientNet(name)).trainable / 1e6).toBeCloseTo(millions, 2);
  });

  it.each(modelNames)("holds together for odd sizes: %s", (name) => {
    const graph = efficientNet(name, { height: 75, width: 101, includeTop: false, pooling: "avg" });
    expect(() => check(graph)).not.toThrow();
    const top = nodeOf(graph, "top_activation").shape;
    expect(top.slice(2)).toEqual([3, 4]);
  });

  it("keeps the batch symbolic", () => {
    expect(nodeOf(efficientNet("efficientnet-lite0"), "predictions").shape).toEqual(["N", 1000]);
  });

  it("refuses a side that five halvings would use up", () => {
    expect(() => efficientNet("efficientnet-b0", { height: 31 })).toThrow(/height 31, expected .* at least 32 px/);
  });

  it.each([
    [32, 1.1, 32],
    [40, 1.1, 48],
    [24, 1.2, 32],
    [1280, 1.6, 2048],
  ])("scales %i channels by %d to %i as Keras does", (channels, width, expected) => {
    expect(scaleChannels(channels, width)).toBe(expected);
  });
});
