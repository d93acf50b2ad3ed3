/** A whole network with the weights of the fixtures, on ONNX Runtime, against what Keras recorded of every layer. */
import { describe, expect, it } from "vitest";
import type { Graph } from "../graph/graph.js";
import { cut } from "../passes/cut.js";
import { planes, runModel } from "../testing/direct-runtime.js";
import { goldenModel } from "../testing/golden-model.js";
import { goldenGray } from "../testing/golden-values.js";

interface GoldenActivation {
  name: string;
  shape: number[];
  mean: number;
  std: number;
  min: number;
  max: number;
  first: number[];
  last: number[];
}

/** A file of the golden activations. */
export interface GoldenActivations {
  layers: GoldenActivation[];
  top16?: { index: number; logit: number; probability: number }[][];
}

/** Error ÷ largest value of the layer: Keras in float32 shows up to 8.6e-6; another order of sums deserves three times that. */
const tolerance = 2.6e-5;

/** Adds the tests of one network; `read` and `build` run inside them. */
export function activationCases(
  title: string,
  count: number,
  [height, width]: readonly [number, number],
  { read, build }: { readonly read: () => GoldenActivations; readonly build: () => Graph },
): void {
  const gray = planes(goldenGray(count, height, width), [count, height, width], 3);

  describe(title, () => {
    it("agrees with Keras in float64 at every layer", async () => {
      const golden = read();
      const model = goldenModel(build());
      const names = golden.layers.map(({ name }) => name).filter((name) => name !== "input_layer");
      expect(names.length).toBeGreaterThan(200);
      const outputs = await runModel(cut(model, ...names), { input_layer: gray });
      for (const layer of golden.layers.filter(({ name }) => name !== "input_layer")) {
        const values = channelsLast(outputs[layer.name]!.data, outputs[layer.name]!.shape);
        const scale = Math.max(Math.abs(layer.min), Math.abs(layer.max));
        const { mean, std, min, max } = statistics(values);
        const pairs = [
          [mean, layer.mean],
          [std, layer.std],
          [min, layer.min],
          [max, layer.max],
          ...layer.first.map((value, i) => [values[i]!, value]),
          ...layer.last.map((value, i) => [values[values.length - 4 + i]!, value]),
        ];
        for (const [actual, expected] of pairs) {
          expect(Math.abs(actual! - expected!) / scale, `${layer.name}: ${actual}, Keras ${expected}`).toBeLessThan(
            tolerance,
          );
        }
      }
    });

    it("ranks the classes as Keras does, with its probabilities", async (context) => {
      const { top16 } = read();
      if (!top16) return context.skip("recorded without the classifier");
      const model = goldenModel(build());
      const { predictions } = await runModel(model, { input_layer: gray });
      for (const [n, best] of top16.entries()) {
        const probabilities = predictions!.data.subarray(n * 1000, (n + 1) * 1000);
        const ranked = [...probabilities.keys()].sort((a, b) => probabilities[b]! - probabilities[a]!).slice(0, 16);
        expect(ranked).toEqual(best.map(({ index }) => index));
        // float32 of Keras: 8.1e-7 at most over all networks; three times that.
        for (const { index, probability } of best) {
          expect(Math.abs(probabilities[index]! - probability)).toBeLessThan(2.5e-6);
        }
      }
    });
  });
}

function channelsLast(data: Float32Array, shape: readonly number[]): Float32Array {
  if (shape.length !== 4) return data;
  const [count, channels, height, width] = shape as readonly [number, number, number, number];
  const pixels = height * width;
  const result = new Float32Array(data.length);
  for (let n = 0; n < count; n++) {
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < pixels; i++) result[(n * pixels + i) * channels + c] = data[(n * channels + c) * pixels + i]!;
    }
  }
  return result;
}

function statistics(values: Float32Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const min = values.reduce((a, b) => Math.min(a, b));
  return { mean, std: Math.sqrt(variance), min, max: values.reduce((a, b) => Math.max(a, b)) };
}
