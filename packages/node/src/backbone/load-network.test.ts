import {
  bind,
  type EfficientNetOptions,
  efficientNet,
  expectedWeights,
  InputError,
  initialize,
  kerasFormats,
  type Model,
  type ModelName,
  nodesOf,
  readKerasArchive,
  readKerasH5,
  readSafetensors,
  WeightsError,
  writeSafetensorsAs,
} from "@grayling/core";
import { describe, expect, it } from "vitest";
import { loadNetwork } from "./load-network.js";

const size = { height: 48, width: 64 };
const wanted = { ...size, pooling: "avg" } as const;

function network(name: ModelName, options: EfficientNetOptions): Model {
  const graph = efficientNet(name, { ...size, includeTop: false, pooling: "avg", ...options });
  return bind(graph, initialize(graph, 0));
}

const scalesOf = ({ graph }: Model) => nodesOf(graph, "Rescaling").length;
const stemOf = ({ graph }: Model) => expectedWeights(graph).find(({ name }) => name === "stem_conv/kernel")!.shape;

describe("loadNetwork", () => {
  it.each(["imagenet", "none"] as const)("takes the topology %s from a whole model's description", async (topology) => {
    const model = network("efficientnet-b0", { topology });
    const file = await readKerasArchive(await kerasFormats[".keras"](model, "b0"));
    const loaded = loadNetwork("efficientnet-b0", file, "b0.keras", wanted);
    expect(loaded.model.graph).toEqual(model.graph);
    expect(loaded.notes).toEqual([]);
  });

  it("takes the topology of weights alone from what they hold as variance, and says so without ImageNet's", async () => {
    for (const [topology, rescalings] of [
      ["imagenet", 2],
      ["none", 1],
    ] as const) {
      const file = await readKerasH5(await kerasFormats[".h5"](network("efficientnet-b0", { topology })));
      const loaded = loadNetwork("efficientnet-b0", file, "b0.h5", wanted);
      expect(scalesOf(loaded.model)).toBe(rescalings);
      expect(loaded.notes.length).toBe(topology === "none" ? 1 : 0);
    }
  });

  it("asks where the variance is neither, and takes the answer", async () => {
    const model = network("efficientnet-b0", { topology: "none" });
    const variance = { shape: [1, 3, 1, 1], data: Float32Array.of(0.05, 0.06, 0.07) };
    const adapted = bind(model.graph, new Map([...model.weights, ["normalization/variance", variance]]));
    const file = await readKerasH5(await kerasFormats[".h5"](adapted));
    const load = (topology?: "none") =>
      loadNetwork("efficientnet-b0", file, "b0.h5", { ...wanted, ...(topology && { topology }) });
    expect(() => load()).toThrow(InputError);
    expect(() => load()).toThrow("--topology imagenet or none");
    expect(scalesOf(load("none").model)).toBe(1);
  });

  it.each(["efficientnet-b0", "efficientnet-v2-b0"] as const)(
    "reads a %s that was declared with one channel",
    async (name) => {
      const model = network(name, { channels: 1 });
      for (const file of [
        await readKerasArchive(await kerasFormats[".keras"](model, "gray")),
        await readKerasH5(await kerasFormats[".h5"](model)),
      ]) {
        const loaded = loadNetwork(name, file, "gray", wanted);
        expect(stemOf(loaded.model)).toEqual([32, 1, 3, 3]);
        expect(loaded.model.graph).toEqual(model.graph);
      }
    },
  );

  it("refuses a whole model that prepares its input in another way", async () => {
    const graph = efficientNet("efficientnet-v2-b0", { ...size, includeTop: false, preprocessing: "symmetric-127.5" });
    const model = bind(graph, initialize(graph, 0));
    const file = await readKerasArchive(await kerasFormats[".keras"](model, "other"));
    const load = () => loadNetwork("efficientnet-v2-b0", file, "other.keras", wanted);
    expect(load).toThrow(WeightsError);
    expect(load).toThrow("other.keras: prepares its input in another way than efficientnet-v2-b0 does");
  });

  it("reads B0 by timm's names in the convention that computes the same as Keras'", () => {
    const model = network("efficientnet-b0", { topology: "imagenet" });
    const file = readSafetensors(writeSafetensorsAs(model, "timm", { convention: "timm-tf" }));
    const loaded = loadNetwork("efficientnet-b0", file, "b0.safetensors", wanted);
    expect(loaded.convention).toBe("timm-tf");
    expect(loaded.model.weights.get("top_conv/kernel")).toEqual(model.weights.get("top_conv/kernel"));
  });
});
