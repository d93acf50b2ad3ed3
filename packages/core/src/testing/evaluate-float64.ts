/** Evaluates small graphs in float64 by the plainest loops: the reference for gradients, by finite differences. */
import type { Graph, Node } from "../graph/graph.js";
import type { Op } from "../graph/ops.js";
import { sizeOf } from "../graph/tensor.js";
import { type Block, mapRules, type Rule } from "./float64-maps.js";

export type { Block };

/** Just the forward operators that have a gradient rule. */
const rules: { readonly [K in Op]?: Rule } = {
  ...mapRules,
  Constant: (node) => {
    const { shape, value_floats: data } = (node as Node<"Constant">).attrs;
    return { shape, data };
  },
  Relu: (_, [x]) => map(x!, (value) => Math.max(value, 0)),
  Clip: (node, [x]) => {
    const { min, max } = (node as Node<"Clip">).attrs; // the row's operator, here and below
    return map(x!, (value) => Math.min(Math.max(value, min), max));
  },
  Sigmoid: (_, [x]) => map(x!, sigmoid),
  Tanh: (_, [x]) => map(x!, Math.tanh),
  Silu: (_, [x]) => map(x!, (value) => value * sigmoid(value)),
  Dropout: (_, [x]) => x!,
  Flatten: (_, [x]) => ({ shape: [x!.shape[0]!, sizeOf(x!.shape.slice(1))], data: x!.data }),
  Reshape: (node, [x]) => {
    const { shape } = (node as Node<"Reshape">).attrs;
    return { shape: shape.map((extent) => (extent === "N" ? x!.shape[0]! : extent)), data: x!.data };
  },
  Add: (_, [a, b]) => combine(a!, b!, (p, q) => p + q),
  Sub: (_, [a, b]) => combine(a!, b!, (p, q) => p - q),
  Mul: (_, [a, b]) => combine(a!, b!, (p, q) => p * q),
  Div: (_, [a, b]) => combine(a!, b!, (p, q) => p / q),
  Sqrt: (_, [x]) => map(x!, Math.sqrt),
  /** As Keras: (x − mean) / max(√variance, 1e-7). */
  Normalization: (_, [x, mean, variance]) => {
    const deviation = map(variance!, (value) => Math.max(Math.sqrt(value), 1e-7));
    return combine(
      combine(x!, mean!, (p, q) => p - q),
      deviation,
      (p, q) => p / q,
    );
  },
  Gemm: (node, [a, b, bias]) => {
    const { transA, transB } = (node as Node<"Gemm">).attrs;
    const x = transA ? transpose(a!) : a!;
    const w = transB ? transpose(b!) : b!;
    const [rows, inner, units] = [x.shape[0]!, x.shape[1]!, w.shape[1]!];
    const data = Array.from({ length: rows * units }, (_, at) => {
      const [i, k] = [Math.floor(at / units), at % units];
      let sum = bias?.data[k] ?? 0;
      for (let j = 0; j < inner; j++) sum += x.data[i * inner + j]! * w.data[j * units + k]!;
      return sum;
    });
    return { shape: [rows, units], data };
  },
  SoftmaxCrossEntropy: (_, [logits, targets, scale]) => {
    const classes = logits!.shape[1]!;
    let loss = 0;
    for (let at = 0; at < logits!.data.length; at += classes) {
      const row = logits!.data.slice(at, at + classes);
      const logSum = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
      for (let k = 0; k < classes; k++) loss += targets!.data[at + k]! * (logSum - row[k]!);
    }
    return { shape: [], data: [loss * scale!.data[0]!] };
  },
};

/** The values of one node. `values` are those of the inputs and weights; throws for an operator that has no rule here. */
export function evaluateFloat64(graph: Graph, values: ReadonlyMap<string, Block>, name: string): Block {
  const known = new Map(values);
  for (const node of graph.nodes.values()) {
    if (known.has(node.name)) continue;
    const rule = rules[node.op];
    if (!rule) throw new Error(`${node.name} (${node.op}): the float64 reference has no such operator`);
    const inputs = node.inputs.map((input) => known.get(input)!);
    known.set(node.name, rule(node, inputs));
  }
  return known.get(name)!;
}

const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));

const map = ({ shape, data }: Block, of: (value: number) => number): Block => ({ shape, data: data.map(of) });

function transpose({ shape, data }: Block): Block {
  const [rows, columns] = shape as readonly [number, number];
  const at = (i: number) => data[(i % rows) * columns + Math.floor(i / rows)]!;
  return { shape: [columns, rows], data: Array.from({ length: data.length }, (_, i) => at(i)) };
}

/** Element by element, with NumPy's broadcasting. */
function combine(a: Block, b: Block, of: (p: number, q: number) => number): Block {
  const rank = Math.max(a.shape.length, b.shape.length);
  const extent = ({ shape }: Block, axis: number) => shape[axis - rank + shape.length] ?? 1;
  const shape = Array.from({ length: rank }, (_, axis) => Math.max(extent(a, axis), extent(b, axis)));
  const data = Array.from({ length: sizeOf(shape) }, (_, index) => {
    let [rest, stepA, stepB, atA, atB] = [index, 1, 1, 0, 0];
    for (let axis = rank - 1; axis >= 0; axis--) {
      const position = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
      if (extent(a, axis) > 1) atA += position * stepA;
      if (extent(b, axis) > 1) atB += position * stepB;
      stepA *= extent(a, axis);
      stepB *= extent(b, axis);
    }
    return of(a.data[atA]!, b.data[atB]!);
  });
  return { shape, data };
}
