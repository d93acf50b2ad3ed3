import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { nodesOf } from "../graph/graph.js";
import { bind, type Model, weightOf } from "../graph/model.js";
import type { Tensor } from "../graph/tensor.js";
import type { Convention } from "../models/conventions.js";
import { efficientNet } from "../models/efficientnet.js";
import type { ModelName } from "../models/variants.js";
import { encode } from "../onnx/encode.js";
import { addLoss } from "../passes/add-loss.js";
import { differentiate } from "../passes/differentiate.js";
import { foldPads } from "../passes/fold-pads.js";
import { fuseSums } from "../passes/fuse-sums.js";
import { probeBlock } from "../runtime/probe.js";
import { directRuntime, runBytes } from "../testing/direct-runtime.js";
import { goldenModel } from "../testing/golden-model.js";
import { findPython, runPython, withoutPython } from "../testing/python.js";
import { differentiateNetwork, makeNetwork } from "../testing/pytorch-programs.js";
import { assignWeights } from "../weights/assign-weights.js";
import { expectedWeights } from "../weights/expected-weights.js";
import { pytorchModelName } from "../weights/pytorch-model-name.js";
import { pytorchNames } from "../weights/pytorch-names.js";
import { readSafetensors } from "../weights/safetensors.js";
import { blockedKernels } from "./blocked.js";
import { portableKernels } from "./portable.js";
import { lowerTraining, type TrainingLoweringOptions } from "./training.js";

const [batch, side, classes] = [4, 64, 1000];
const block = await probeBlock(directRuntime);
const layouts: Readonly<Record<string, TrainingLoweringOptions["kernels"]>> = {
  portable: portableKernels,
  ...(block !== undefined && { blocked: (onnx, images) => blockedKernels(onnx, images, block) }),
};

const python = await findPython("torch");
const folder = mkdtempSync(join(tmpdir(), "grayling-gradients-"));
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * Length of the difference ÷ length of the gradient, of each variable. Float32 on our side, through up to 170 convolutions
 * and back, where sums in another order differ by 1e-6 at every layer.
 */
const tolerance = 1e-4;

const options = { height: side, width: side, classifierActivation: "none" } as const;

/** Loss and gradients of all that trains, cross entropy of four images with labels 3n, normalizations frozen, not folded. */
async function gradientsOf(model: Model, kernels: TrainingLoweringOptions["kernels"]) {
  const [logits] = model.graph.outputs as [string];
  const trained = nodesOf(model.graph, "Weight").flatMap(({ name, attrs }) => (attrs.trainable ? [name] : []));
  const derived = differentiate(foldPads(addLoss(model.graph, logits)), "loss", trained);
  const lowered = lowerTraining(bind(fuseSums(derived.graph), model.weights), { batch, trained, kernels });
  const packed = trained.map((name) => {
    const data = lowered.pack(name, weightOf(model, name));
    return [name, { shape: [data.length], data }] as const;
  });
  const image = Float32Array.from({ length: batch * 3 * side * side }, (_, i) => (i * 7919) % 256);
  const targets = new Float32Array(batch * classes);
  for (let n = 0; n < batch; n++) targets[n * classes + 3 * n] = 1;
  const outputs = await runBytes(encode(lowered.onnx), {
    input_layer: { shape: [batch, 3, side, side], data: image },
    targets: { shape: [batch, classes], data: targets },
    scale: { shape: [], data: Float32Array.of(1 / batch) },
    ...Object.fromEntries(packed),
  });
  const gradients = trained.map((name) => {
    const output = outputs[derived.gradients.get(name)!]!;
    return [name, lowered.unpack(name, output.data)] as const;
  });
  return { loss: outputs["loss"]!.data[0]!, gradients: new Map<string, Tensor>(gradients) };
}

const length = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
const difference = (a: Float32Array, b: Float32Array) => length(a.map((value, i) => value - b[i]!)) / length(b);

describe("the gradients of whole networks", () => {
  it.for<ModelName>(["efficientnet-v2-b0", "efficientnet-v2-s", "efficientnet-lite0"])(
    "are the same in both layouts: %s",
    async (name, context) => {
      if (!layouts["blocked"]) return context.skip("the runtime has no blocked operators");
      const model = goldenModel(efficientNet(name, options));
      const portable = await gradientsOf(model, layouts["portable"]!);
      const blocked = await gradientsOf(model, layouts["blocked"]);
      expect(blocked.loss).toBeCloseTo(portable.loss, 4);
      for (const [weight, { data }] of portable.gradients) {
        expect(length(data), weight).toBeGreaterThan(0);
        expect(difference(blocked.gradients.get(weight)!.data, data), weight).toBeLessThan(tolerance);
      }
    },
  );

  it.for<[ModelName, Convention]>([
    ["efficientnet-b0", "timm"],
    ["efficientnet-b0", "torchvision"],
    ["efficientnet-lite0", "timm-tf"],
    ["efficientnet-v2-b0", "timm-tf"],
    ["efficientnet-v2-s", "torchvision"],
  ])("are PyTorch's in float64, of every parameter: %s in the convention %s", async ([name, convention], context) => {
    if (!python) return context.skip(withoutPython("torch"));
    const library = convention === "torchvision" ? "torchvision" : "timm";
    const network = [library, pytorchModelName(name, convention)!];
    const [original, written] = [join(folder, "original"), join(folder, "gradients")];
    await runPython(python, makeNetwork, [...network, original]);
    const loss = JSON.parse(await runPython(python, differentiateNetwork, [...network, original, written])) as number;
    const recorded = readSafetensors(readFileSync(written)).tensors;

    const expected = expectedWeights(efficientNet(name, { ...options, convention }));
    const names = pytorchNames(expected, library);
    const file = readSafetensors(readFileSync(original));
    const model = bind(efficientNet(name, { ...options, convention }), assignWeights(expected, file, original));
    for (const [layout, kernels] of Object.entries(layouts)) {
      const ours = await gradientsOf(model, kernels);
      expect(ours.loss / loss).toBeCloseTo(1, 5);
      expect(ours.gradients.size).toBe(recorded.size);
      for (const [weight, tensor] of ours.gradients) {
        const truth = recorded.get(names.get(weight)!)!.data;
        const data = tensor.shape.length === 2 ? transposed(tensor) : tensor.data; // PyTorch's dense layers: [out, in]
        expect(difference(data, truth), `${layout}: ${weight}`).toBeLessThan(tolerance);
      }
    }
  });
});

function transposed({ shape, data }: Tensor): Float32Array {
  const [rows, columns] = shape as readonly [number, number];
  return Float32Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
}
