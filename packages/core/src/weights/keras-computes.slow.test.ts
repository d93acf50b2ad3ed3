/** Keras loads whole models that we write, description and weights, and computes what we compute. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { largestDifference } from "../explain/largest-difference.js";
import { GraphBuilder, nodeOf } from "../graph/graph.js";
import type { Model } from "../graph/model.js";
import { efficientNet } from "../models/efficientnet.js";
import { withKerasRows } from "../models/keras-config/flatten-order.js";
import { writeKerasConfig } from "../models/keras-config/write-keras-config.js";
import { conv, dense, single } from "../models/layers.js";
import { foldGrayscale } from "../passes/fold-grayscale.js";
import { runModel } from "../testing/direct-runtime.js";
import { goldenModel } from "../testing/golden-model.js";
import { goldenGray } from "../testing/golden-values.js";
import { findPython, runPython, withoutPython } from "../testing/python.js";
import { initialize } from "./initialize.js";
import { kerasLayers } from "./keras-layers.js";
import { writeKerasArchive } from "./write-keras-archive.js";

/** Loads each model without any code of ours and prints what it declares and computes of the image in all of its channels. */
const program = `
import sys, json, numpy as np, keras
paths, image = json.load(open(sys.argv[1]))
result = {}
for name, path in paths.items():
    model = keras.saving.load_model(path, compile=False, safe_mode=True)
    _, height, width, channels = model.input_shape
    x = np.repeat(np.array(image, "float32").reshape(1, height, width, 1), channels, axis=-1)
    result[name] = {"channels": channels, "output": np.asarray(model(x)).ravel().astype(float).tolist()}
print(json.dumps(result))
`;

const [height, width] = [33, 46];
const image = Float32Array.from(goldenGray(1, height, width));
const small = { height, width, includeTop: false, pooling: "avg" } as const;
const of = (...options: Parameters<typeof efficientNet>) => goldenModel(efficientNet(...options));

/** A small network whose dense layer reads a flattened map of three pixels and channels and more. */
function flattening(): Model {
  const net = new GraphBuilder();
  let x = single(net, "InputLayer", "Input", "input_layer", [], { shape: ["N", 3, height, width] });
  x = single(net, "Rescaling", "Rescaling", "rescaling", [x], { scale: [1 / 255], offset: [0] });
  x = conv(net, x, "conv", {
    channels: 5,
    kernel: 3,
    stride: 8,
    bias: true,
    activation: { op: "Clip", min: 0, max: 6 },
  });
  x = single(net, "Flatten", "Flatten", "flatten", [x], {});
  const graph = net.build([dense(net, x, "dense", 4, { op: "Tanh" })]);
  return { graph, weights: initialize(graph, 3) };
}

const b0 = of("efficientnet-b0", small);
const models: Readonly<Record<string, Model>> = {
  b0,
  "b0, one channel": foldGrayscale(b0),
  "v2 b0, one channel": foldGrayscale(of("efficientnet-v2-b0", small)),
  "v2 s, one channel": foldGrayscale(of("efficientnet-v2-s", small)),
  "v2 s of timm": of("efficientnet-v2-s", { ...small, convention: "timm" }),
  "lite0, one channel": foldGrayscale(of("efficientnet-lite0", small)),
  "flattened map": flattening(),
};

async function compute(model: Model): Promise<Float32Array> {
  const channels = nodeOf(model.graph, "input_layer").shape[1] as number; // an image
  const data = new Float32Array(channels * image.length);
  for (let c = 0; c < channels; c++) data.set(image, c * image.length);
  const outputs = await runModel(model, { input_layer: { shape: [1, channels, height, width], data } });
  return outputs[model.graph.outputs[0]!]!.data;
}

describe("Keras", () => {
  it("computes with our archives what we compute, also declared with one channel", async (context) => {
    const python = await findPython("keras");
    if (python === undefined) return context.skip(withoutPython("keras"));
    const folder = await mkdtemp(join(tmpdir(), "grayling-"));
    const paths: Record<string, string> = {};
    for (const [name, model] of Object.entries(models)) {
      paths[name] = join(folder, `${name}.keras`);
      const config = writeKerasConfig(model.graph);
      await writeFile(paths[name], await writeKerasArchive({ config, weights: kerasLayers(withKerasRows(model)) }));
    }
    await writeFile(join(folder, "paths.json"), JSON.stringify([paths, [...image]]));
    const output = await runPython(python, program, [join(folder, "paths.json")]);
    await rm(folder, { recursive: true });
    const computed: Record<string, { channels: number; output: number[] }> = JSON.parse(
      output.trim().split("\n").at(-1)!,
    );
    for (const [name, model] of Object.entries(models)) {
      const expected = await compute(model);
      const { channels, output } = computed[name]!;
      expect(channels, name).toBe(name.endsWith("one channel") ? 1 : 3);
      const largest = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
      // Both are float32: each may be 8.6e-6 of the largest off the truth, seen over all networks, ours three times that.
      expect(largestDifference(expected, output).difference, name).toBeLessThan(3.5e-5 * largest);
      if (name === "b0, one channel") {
        expect(largestDifference(await compute(b0), output).difference).toBeLessThan(3.5e-5 * largest);
      }
    }
  }, 400_000);
});
