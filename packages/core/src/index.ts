/** @grayling/core: everything that runs anywhere. */
export { GraphError, InputError, WeightsError } from "./errors.js";
export { summarize } from "./explain/summary.js";
export { summaryTable } from "./explain/summary-table.js";
export { check } from "./graph/check.js";
export {
  type Extent,
  type Graph,
  GraphBuilder,
  type Layer,
  type Node,
  nodeOf,
  nodesOf,
  type Shape,
} from "./graph/graph.js";
export { bind, type Model, type Weights, weightOf } from "./graph/model.js";
export type { Op, Ops } from "./graph/ops.js";
export { showShape, sizeOf, type Tensor } from "./graph/tensor.js";
export { inference } from "./lower/inference.js";
export { type Lowering, lower, type OnnxGraph } from "./lower/lowering.js";
export {
  defaultResolution,
  type EfficientNetOptions,
  efficientNet,
  isModelName,
  type ModelName,
  modelNames,
} from "./models/efficientnet.js";
export { decodeSummary, type OnnxSummary } from "./onnx/decode.js";
export { encode } from "./onnx/encode.js";
export { cut, cutGraph } from "./passes/cut.js";
export { foldBatchNorm } from "./passes/fold-batch-norm.js";
export { foldGrayscale } from "./passes/fold-grayscale.js";
export { join } from "./passes/join.js";
export type { NamedTensors, Runtime, Session } from "./runtime/session.js";
export { SeededRandom } from "./seeded-random.js";
export { type ExpectedWeight, expectedWeights } from "./weights/expected-weights.js";
