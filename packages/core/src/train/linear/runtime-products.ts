/** Feature products on ONNX Runtime: the features are handed over once, then each product is one matrix multiplication. */
import { OnnxBuilder } from "../../lower/onnx-builder.js";
import { encode } from "../../onnx/encode.js";
import type { Runtime, Session } from "../../runtime/session.js";
import { measureColumns, standardize } from "../standardization.js";
import type { FeatureProducts } from "./feature-products.js";

export interface RuntimeProducts extends FeatureProducts {
  /** Frees the runtime's copies of the features. */
  release(): Promise<void>;
}

/** Products with the standardised `features` [rows, columns]; sums are float32, in the runtime's order. */
export async function runtimeProducts(
  runtime: Runtime,
  features: Float32Array,
  rows: number,
  columns: number,
): Promise<RuntimeProducts> {
  const standardization = measureColumns(features, rows, columns);
  const x = { shape: [rows, columns], data: standardize(features, standardization) };
  const [forward, backward] = await Promise.all([openProduct(runtime, 0), openProduct(runtime, 1)]);
  await Promise.all([forward.bind({ x }), backward.bind({ x })]);
  const product = async (session: Session, factor: Float32Array, m: number) => {
    const outputs = await session.run({ factor: { shape: [factor.length / m, m], data: factor } });
    return outputs["product"]!.data;
  };
  return {
    rows,
    columns,
    standardization,
    forward: (weights, m) => product(forward, weights, m),
    backward: (residual, m) => product(backward, residual, m),
    release: async () => void (await Promise.all([forward.release(), backward.release()])),
  };
}

/** x·factor, or xᵀ·factor. */
function openProduct(runtime: Runtime, transA: 0 | 1): Promise<Session> {
  const onnx = new OnnxBuilder();
  onnx.lower("product", () => onnx.add("Gemm", ["x", "factor"], { transA }));
  const graph = {
    nodes: onnx.nodes,
    constants: onnx.constants,
    inputs: [
      { name: "x", shape: ["rows", "columns"] },
      { name: "factor", shape: ["inner", "m"] },
    ],
    outputs: [{ name: "product", shape: ["outer", "m"] }],
  };
  return runtime.open(encode(graph));
}
