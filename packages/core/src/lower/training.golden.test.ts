import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { GraphBuilder, type Node, nodesOf } from "../graph/graph.js";
import { bind, type Model, weightOf } from "../graph/model.js";
import { efficientNet } from "../models/efficientnet.js";
import { dense } from "../models/layers.js";
import { encode } from "../onnx/encode.js";
import { addLoss } from "../passes/add-loss.js";
import { differentiate } from "../passes/differentiate.js";
import { foldPads } from "../passes/fold-pads.js";
import { fuseSums } from "../passes/fuse-sums.js";
import { planes, runBytes } from "../testing/direct-runtime.js";
import { goldenModel } from "../testing/golden-model.js";
import { goldenGray } from "../testing/golden-values.js";
import { sharedFolder } from "../testing/shared-folder.js";
import { toKeras } from "../weights/layout.js";
import { variableOfWeight } from "../weights/weight-name.js";
import { blockedKernels } from "./blocked.js";
import { portableKernels } from "./portable.js";
import { lowerTraining, type TrainingLoweringOptions } from "./training.js";

interface Recorded {
  readonly loss: number;
  readonly variables: Readonly<Record<string, { l2: number; first4: number[]; last4: number[] }>>;
}

const layouts: Readonly<Record<string, TrainingLoweringOptions["kernels"]>> = {
  portable: portableKernels,
  "blocked by 16": (onnx, batch) => blockedKernels(onnx, batch, 16),
};

/**
 * Of the gradient's length. Keras in float32 and another order of sums: through 80 layers and back errors of 1e-6 grow; the
 * worst seen is 2e-5.
 */
const tolerance = 1e-4;

/** B0 and a dense layer of five classes, as Keras trained it. */
function network(): Model {
  const net = new GraphBuilder();
  const trunk = efficientNet("efficientnet-b0", { height: 64, width: 64, includeTop: false, pooling: "avg" });
  for (const node of trunk.nodes.values()) net.copy(node);
  dense(net, trunk.outputs[0]!, "head", 5);
  return goldenModel(net.build(["head"]));
}

describe.each(Object.entries(layouts))("the gradients of B0, maps %s", (_, kernels) => {
  it.for([0, 0.1])("are Keras' for every variable, with label smoothing %s", async (smoothing, context) => {
    const path = sharedFolder("golden", "gradients.json");
    if (path === undefined) return context.skip("no file shared/golden/gradients.json beside the repository");
    const recorded = JSON.parse(readFileSync(path, "utf8"))[`labelSmoothing${smoothing}`] as Recorded;
    await compare(kernels, smoothing, recorded);
  });
});

async function compare(
  kernels: TrainingLoweringOptions["kernels"],
  smoothing: number,
  recorded: Recorded,
): Promise<void> {
  const { graph, weights } = network();
  const trained = nodesOf(graph, "Weight")
    .filter(({ attrs }) => attrs.trainable)
    .map(({ name }) => name);
  const { graph: derived, gradients } = differentiate(foldPads(addLoss(graph, "head")), "loss", trained);
  const model = bind(fuseSums(derived), weights);
  const lowered = lowerTraining(model, { batch: 4, trained, kernels });
  const targets = Float32Array.from({ length: 20 }, (_, i) => {
    const isLabel = i % 5 === Math.floor(i / 5) % 5;
    return (isLabel ? 1 - smoothing : 0) + smoothing / 5;
  });
  const packed = trained.map((name) => {
    const data = lowered.pack(name, weightOf(model, name));
    return [name, { shape: [data.length], data }] as const;
  });
  const outputs = await runBytes(encode(lowered.onnx), {
    input_layer: planes(goldenGray(4, 64, 64), [4, 64, 64], 3),
    targets: { shape: [4, 5], data: targets },
    scale: { shape: [], data: Float32Array.of(1 / 4) },
    ...Object.fromEntries(packed),
  });
  expect(outputs["loss"]!.data[0]).toBeCloseTo(recorded.loss, 4);
  expect(trained).toHaveLength(213);
  for (const name of trained) {
    const expected = recorded.variables[name]!;
    const { layer } = graph.nodes.get(name) as Node<"Weight">;
    const ours = lowered.unpack(name, outputs[gradients.get(name)!]!.data);
    const { data } = toKeras(layer!.className, variableOfWeight(name), ours);
    const l2 = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0));
    const pairs = [
      [l2, expected.l2],
      ...expected.first4.map((value, i) => [data[i]!, value]),
      ...expected.last4.map((value, i) => [data[data.length - 4 + i]!, value]),
    ];
    for (const [got, want] of pairs) {
      expect(Math.abs(got! - want!) / expected.l2, `${name}: ${got}, Keras ${want}`).toBeLessThan(tolerance);
    }
  }
}
