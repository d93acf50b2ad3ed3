/**
 * Stores the weights of an ONNX graph as float16 and casts them back where they are read: half the file, the same operators.
 * The runtime casts once, when it opens the file. Each weight is rounded to 11 significant bits, at most 5e-4 of itself;
 * below 6e-5, float16's smallest normal number, to a multiple of 6e-8.
 */
import { toFloat16 } from "../weights/half-floats.js";
import type { OnnxGraph } from "./lowering.js";
import type { OnnxConstant, OnnxNode } from "./onnx-builder.js";

/** Fewer values are constants of the arithmetic, not weights worth halving. */
const fewestValues = 16;

const largestFloat16 = 65504;

/** ONNX's number of float32, TensorProto.DataType. */
const float32 = 1;

/** The graph with halved weights; a tensor with values beyond ±65,504, float16's largest, stays as it is. */
export function halveWeights(graph: OnnxGraph): OnnxGraph {
  const casts: OnnxNode[] = [];
  const constants = [...graph.constants].map(([name, constant]): [string, OnnxConstant] => {
    const { shape, data } = constant;
    if (!(data instanceof Float32Array) || data.length < fewestValues) return [name, constant];
    if (data.some((value) => !(Math.abs(value) <= largestFloat16))) return [name, constant];
    casts.push({ op: "Cast", domain: "", inputs: [`${name}:half`], output: name, attrs: { to: float32 } });
    return [`${name}:half`, { shape, data: toFloat16(data) }];
  });
  return { ...graph, nodes: [...casts, ...graph.nodes], constants: new Map(constants) };
}
