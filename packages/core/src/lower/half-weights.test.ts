import { describe, expect, it } from "vitest";
import { largestDifference } from "../explain/largest-difference.js";
import { efficientNet } from "../models/efficientnet.js";
import { encode } from "../onnx/encode.js";
import { foldBatchNorm } from "../passes/fold-batch-norm.js";
import { foldGrayscale } from "../passes/fold-grayscale.js";
import { planes, runBytes } from "../testing/direct-runtime.js";
import { goldenModel } from "../testing/golden-model.js";
import { goldenGray } from "../testing/golden-values.js";
import { halveWeights } from "./half-weights.js";
import { inference } from "./inference.js";
import { lower, type OnnxGraph } from "./lowering.js";

const graphOf = (data: number[]): OnnxGraph => ({
  nodes: [{ op: "Identity", domain: "", inputs: ["w"], output: "y", attrs: {} }],
  constants: new Map([["w", { shape: [data.length], data: Float32Array.from(data) }]]),
  inputs: [],
  outputs: [{ name: "y", shape: [data.length] }],
});

const run = async (graph: OnnxGraph) => (await runBytes(encode(graph), {}))["y"]!.data;

describe("halveWeights", () => {
  it("halves a network, which then differs by what float16 rounds", async () => {
    const size = { height: 64, width: 64, includeTop: false, pooling: "avg" } as const;
    const model = foldBatchNorm(foldGrayscale(goldenModel(efficientNet("efficientnet-b0", size))));
    const whole = lower(model, inference);
    const halved = halveWeights(whole);
    expect(encode(halved).length / encode(whole).length).toBeLessThan(0.53);
    const gray = { input_layer: planes(goldenGray(1, 64, 64), [1, 64, 64], 1) };
    const [expected, actual] = await Promise.all(
      [whole, halved].map(async (graph) => (await runBytes(encode(graph), gray))["avg_pool"]!.data),
    );
    const { difference, scale } = largestDifference(actual!, expected!);
    expect(difference / scale).toBeLessThan(0.01); // 5e-4 of each weight, through 80 layers
    expect(difference).toBeGreaterThan(0);
  });

  // What ONNX Runtime's own cast makes of the bits, against the definition of binary16 in IEEE 754.
  it("rounds to the nearest float16, to even where two are as near", async () => {
    const values = [
      [0, 0],
      [-0, -0],
      [1, 1],
      [1 + 2 ** -11, 1], // halfway, to even
      [1 + 3 * 2 ** -11, 1 + 2 ** -9], // halfway, to even
      [1 + 2 ** -11 + 2 ** -20, 1 + 2 ** -10],
      [-2 + 2 ** -11, -2], // halfway between −2 + 2⁻¹⁰ and −2, to even
      [65504, 65504],
      [2 ** -14, 2 ** -14], // the smallest normal
      [2 ** -14 - 2 ** -25, 2 ** -14], // halfway, carries into the exponent
      [2 ** -24, 2 ** -24], // the smallest
      [2 ** -25, 0], // halfway to nothing, to even
      [2 ** -25 * 1.5, 2 ** -24],
      [3 * 2 ** -25, 2 ** -23], // halfway between 1 and 2 units, to even
      [2 ** -30, 0],
      [0.1, 0.0999755859375],
    ];
    const actual = await run(halveWeights(graphOf(values.map(([value]) => value!))));
    expect([...actual]).toEqual(values.map(([, rounded]) => rounded));
  });

  it("leaves tensors whole that float16 cannot hold, and small ones", () => {
    const large = graphOf([...new Float32Array(20), 65505]);
    expect(halveWeights(large)).toEqual(large);
    const few = graphOf([1, 2, 3]);
    expect(halveWeights(few)).toEqual(few);
  });
});
