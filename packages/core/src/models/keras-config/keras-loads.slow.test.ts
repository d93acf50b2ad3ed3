/** Keras itself builds the models that we describe, with our layers, shapes and parameters. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type LayerSummary, summarize } from "../../explain/summary.js";
import type { Graph } from "../../graph/graph.js";
import { foldGrayscale } from "../../passes/fold-grayscale.js";
import { join as joinModels } from "../../passes/join.js";
import { goldenModel } from "../../testing/golden-model.js";
import { findPython, runPython, withoutPython } from "../../testing/python.js";
import { buildHead } from "../../train/layers/build-head.js";
import { initialize } from "../../weights/initialize.js";
import { efficientNet } from "../efficientnet.js";
import { writeKerasConfig } from "./write-keras-config.js";

/** Builds each model in both ways that Keras has, and prints its layers and parameters. */
const program = `
import sys, json, copy, numpy as np, keras
result = {}
for name, config in json.load(open(sys.argv[1])).items():
    model = keras.saving.deserialize_keras_object(copy.deepcopy(config))
    again = keras.Model.from_config(config["config"])
    assert again.count_params() == model.count_params()
    count = lambda weights: int(sum(np.prod(w.shape, dtype=np.int64) for w in weights))
    output = model(np.zeros((1, *model.input_shape[1:]), "float32"))
    result[name] = {
        "layers": [[l.name, l.__class__.__name__, l.output.shape, l.count_params(), count(l.trainable_weights)] for l in model.layers],
        "output": list(output.shape[1:]), "name": model.name,
        "total": model.count_params(), "trainable": count(model.trainable_weights),
    }
print(json.dumps(result))
`;

interface Built {
  readonly layers: readonly (readonly unknown[])[];
  readonly output: readonly number[];
  readonly name: string;
  readonly total: number;
  readonly trainable: number;
}

/** Small, so that the test is quick; odd, so that borders differ. */
const size = { height: 33, width: 46 };
const b0 = efficientNet("efficientnet-b0", { ...size, includeTop: false, pooling: "max" });
const head = buildHead([{ kind: "flatten" }, { kind: "dense", units: 8, activation: "relu6" }], 1280, 9);

const graphs: Readonly<Record<string, Graph>> = {
  b0: efficientNet("efficientnet-b0", size),
  "b0 without ImageNet's rescaling": efficientNet("efficientnet-b0", { ...size, topology: "none" }),
  "b0 with a head": joinModels(goldenModel(b0), { graph: head, weights: initialize(head, 1) }).graph,
  "b0 declared with one channel": efficientNet("efficientnet-b0", { ...size, channels: 1 }),
  "v2 b0": efficientNet("efficientnet-v2-b0", size),
  "v2 s": efficientNet("efficientnet-v2-s", { ...size, includeTop: false }),
  "v2 s of timm": efficientNet("efficientnet-v2-s", { ...size, includeTop: false, convention: "timm" }),
  lite0: efficientNet("efficientnet-lite0", size),
  "b0 folded": foldGrayscale(goldenModel(b0)).graph,
};

const rowOf = ({ name, className, outputShape, params, trainableParams }: LayerSummary) =>
  [name, className, outputShape, params, trainableParams] as const;

describe("Keras", () => {
  it("builds the models that we describe", async (context) => {
    const python = await findPython("keras");
    if (python === undefined) return context.skip(withoutPython("keras"));
    const folder = await mkdtemp(join(tmpdir(), "grayling-"));
    const path = join(folder, "configs.json");
    const configs = Object.entries(graphs).map(([name, graph]) => [
      name,
      writeKerasConfig(graph, { name: "own_name" }),
    ]);
    await writeFile(path, JSON.stringify(Object.fromEntries(configs)));
    const output = await runPython(python, program, [path]);
    await rm(folder, { recursive: true });
    const built = JSON.parse(output.trim().split("\n").at(-1)!) as Record<string, Built>;
    for (const [name, graph] of Object.entries(graphs)) {
      const { layers, total, trainable } = summarize(graph);
      const { layers: kerasLayers, ...kerasTotals } = built[name]!;
      const shape = layers.at(-1)!.outputShape.slice(1);
      expect(kerasTotals, name).toEqual({ name: "own_name", total, trainable, output: shape });
      // What Keras has two layers for is compared below.
      const names = new Set(layers.map((layer) => layer.name));
      const ours = layers.map(rowOf).filter(([layer]) => name !== "b0 folded" || layer !== "rescaling_1");
      const theirs = kerasLayers.filter(([layer]) => name !== "b0 folded" || layer !== "rescaling_1");
      expect(
        theirs.filter(([layer]) => names.has(layer as string)),
        name,
      ).toEqual(ours); // names, as Keras printed them
    }
    const extra = (name: string, known: Graph) => {
      const names = new Set(summarize(known).layers.map((layer) => layer.name));
      return built[name]!.layers.filter(([layer]) => !names.has(layer as string)).map((row) => row.slice(0, 3));
    };
    const { height, width } = size;
    expect(extra("b0 folded", graphs["b0 folded"]!)).toEqual([
      ["rescaling_1_ones", "Rescaling", [null, height, width, 1]],
    ]);
    expect(built["b0 folded"]!.layers.find(([layer]) => layer === "rescaling_1")).toEqual([
      "rescaling_1",
      "Concatenate",
      [null, height, width, 2],
      0,
      0,
    ]);
    // Of timm's convolutions with a stride of 2, those on even extents pad as no setting of Keras does.
    const paddings = extra("v2 s of timm", graphs["v2 s of timm"]!);
    expect(paddings.length).toBeGreaterThan(0);
    expect(new Set(paddings.map(([, className]) => className))).toEqual(new Set(["ZeroPadding2D"]));
    for (const name of Object.keys(graphs).filter((name) => !/folded|timm/.test(name))) {
      expect(extra(name, graphs[name]!), name).toEqual([]);
    }
  }, 300_000);
});
