/**
 * The lowering of a training step: forward, loss and gradients for a fixed batch, with maps in one of the layouts of
 * `map-kernels.ts`. What the layouts do not tell apart (vectors, losses, the way from the image to the stem) is here.
 *
 * Trained weights are inputs of the ONNX graph, flat, kernels of convolutions in the layout's own order, and so are their
 * gradients: the host never needs a layout but to load and to save. Frozen weights are constants.
 */
import { GraphError } from "../errors.js";
import { type Graph, isOp, type Node, nodesOf, type Shape } from "../graph/graph.js";
import { type Model, weightOf } from "../graph/model.js";
import type { Op } from "../graph/ops.js";
import { sizeOf, type Tensor } from "../graph/tensor.js";
import type { OnnxGraph, OnnxValue } from "./lowering.js";
import type { KernelUse, MapKernels } from "./map-kernels.js";
import { OnnxBuilder } from "./onnx-builder.js";
import { convKind } from "./training-convolutions.js";
import { trainingRules } from "./training-rules.js";
import {
  type Form,
  fixed,
  isMapShape,
  mapExtents,
  type Rule,
  type RuleContext,
  reshape,
  type Value,
  vectorShape,
} from "./training-value.js";

/** A training step for one layout and batch. */
export interface TrainingLowering {
  readonly onnx: OnnxGraph;
  /** Brings a trained weight into the order of its input. */
  pack(name: string, tensor: Tensor): Float32Array;
  /** A gradient, or a trained weight as it stands, in the order of the model. */
  unpack(name: string, packed: Float32Array): Tensor;
}

export interface TrainingLoweringOptions {
  /** Images of every run. */
  readonly batch: number;
  /** Weights without values in the model: they become inputs. */
  readonly trained: readonly string[];
  /** The layout. */
  readonly kernels: (onnx: OnnxBuilder, batch: number) => MapKernels;
}

/**
 * The training step as ONNX nodes. Throws `GraphError` where the layouts have no form of a convolution (dilated, in groups of
 * several channels) or of what broadcasts over a map, and `WeightsError` where a frozen weight has no values.
 */
export function lowerTraining(
  model: Model,
  { batch, trained, kernels: create }: TrainingLoweringOptions,
): TrainingLowering {
  const { graph } = model;
  const onnx = new OnnxBuilder();
  const kernels = create(onnx, batch);
  const order = ordersOf(graph, kernels);
  const trainedNames = new Set(trained);
  const inputs: OnnxValue[] = [];
  const values = new Map<string, Value>();
  for (const node of graph.nodes.values()) {
    const { name, shape } = node;
    if (isOp(node, "Input")) {
      inputs.push({ name, shape: fixed(shape, batch) });
      values.set(name, inputValue(onnx, name, shape, batch));
    } else if (isOp(node, "Weight")) {
      const isTrained = trainedNames.has(name);
      if (isTrained) inputs.push({ name, shape: [order.size(node)] });
      values.set(
        name,
        isTrained ? trainedWeight(onnx, node, order) : frozenWeight(onnx, weightOf(model, name), node, order),
      );
    } else {
      const given = node.inputs.map((input) => values.get(input)!);
      values.set(name, lowerOperator({ onnx, kernels, node, given }));
    }
  }
  const outputs = graph.outputs.map((name) => output(onnx, kernels, values.get(name)!, name));
  const read = new Set([...onnx.nodes.flatMap((node) => node.inputs), ...outputs.map(({ name }) => name)]);
  const constants = new Map([...onnx.constants].filter(([name]) => read.has(name)));
  return { onnx: { nodes: onnx.nodes, constants, inputs, outputs }, pack: order.pack, unpack: order.unpack };
}

/** In which order weights lie. */
interface Orders extends Pick<TrainingLowering, "pack" | "unpack"> {
  /** Whether a weight is a kernel that lies flat in an order of the layout. */
  isKernel(name: string): boolean;
  /** Values of a weight, padding included. */
  size(node: Node<"Weight">): number;
}

function ordersOf(graph: Graph, kernels: MapKernels): Orders {
  const uses = kernelUses(graph);
  requireMapsBelow(graph, uses, kernels);
  const pack = (name: string, tensor: Tensor) => {
    const use = uses.get(name);
    return use === undefined ? tensor.data : kernels.packings[use].pack(tensor);
  };
  return {
    isKernel: (name) => uses.has(name),
    pack,
    unpack(name, data) {
      const { shape } = (graph.nodes.get(name) as Node<"Weight">).attrs; // a trained weight
      const use = uses.get(name);
      return use === undefined ? { shape, data } : kernels.packings[use].unpack(data, shape);
    },
    size: ({ name, attrs: { shape } }) => pack(name, { shape, data: new Float32Array(sizeOf(shape)) }).length,
  };
}

function frozenWeight(onnx: OnnxBuilder, tensor: Tensor, { name, shape }: Node<"Weight">, order: Orders): Value {
  const data = order.pack(name, tensor);
  const isKernel = order.isKernel(name);
  const constant = onnx.weight(name, { shape: isKernel ? [data.length] : tensor.shape, data });
  return { onnx: constant, form: isKernel ? "kernel" : "plain", shape };
}

/** Fed in flat. */
function trainedWeight(onnx: OnnxBuilder, { name, attrs, shape }: Node<"Weight">, order: Orders): Value {
  if (order.isKernel(name)) return { onnx: name, form: "kernel", shape };
  return { onnx: onnx.scoped(name, () => reshape(onnx, name, attrs.shape)), form: "plain", shape };
}

function lowerOperator(context: RuleContext<Op>): Value {
  const { onnx, node } = context;
  const rule = trainingRules[node.op as keyof typeof trainingRules] as unknown as Rule<Op>; // the rule of this very operator
  let form: Form = "plain";
  const lowered = onnx.lower(node.name, () => {
    const value = rule(context);
    form = value.form;
    return value.onnx;
  });
  return { onnx: lowered, form, shape: node.shape };
}

/** How each kernel of a convolution on maps is used; what convolves single pixels is a matrix as it stands. */
function kernelUses(graph: Graph): ReadonlyMap<string, KernelUse> {
  const planes = planeNames(graph);
  return new Map(
    nodesOf(graph, "Conv").flatMap((node): [string, KernelUse][] => {
      const [x, w] = node.inputs as [string, string];
      const shape = graph.nodes.get(x)!.shape;
      const kernel = graph.nodes.get(w)!.shape as readonly number[]; // weights have no symbolic extent
      const kind = convKind(node.name, node.attrs, kernel, shape, node.shape);
      if (kind === "matrix") return [];
      if (kind === "unfolded") return [[w, planes.has(x) ? "unfoldedPlanes" : "unfoldedMap"]];
      return [[w, kind]];
    }),
  );
}

/** Of an image itself the blocked layout packs the kernel in a way that has no reverse. */
function requireMapsBelow(graph: Graph, uses: ReadonlyMap<string, KernelUse>, { name: layout }: MapKernels): void {
  const node = nodesOf(graph, "ConvInputGrad").find(({ inputs }) => uses.get(inputs[1]!) === "unfoldedPlanes");
  if (node && layout === "blocked")
    throw new GraphError(`${node.name} (ConvInputGrad): the gradient by an image has no form in the blocked layout`);
}

/** What is still [N, C, H, W]: the image and what its preprocessing makes of it, and maps that are fed in. */
function planeNames(graph: Graph): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name, op, inputs, shape } of graph.nodes.values()) {
    const isImage = op === "Input" && isMapShape(shape);
    if (isImage || (planeOps.has(op) && names.has(inputs[0]!))) names.add(name);
  }
  return names;
}

const planeOps: ReadonlySet<Op> = new Set(["Rescaling", "Normalization", "OnesPlane", "Concat", "Pad"]);

function inputValue(onnx: OnnxBuilder, name: string, shape: Shape, batch: number): Value {
  if (isMapShape(shape)) return { onnx: name, form: "planes", shape };
  if (shape[0] !== "N") return { onnx: name, form: "plain", shape };
  const isFlat = shape.length === 2;
  const vector = isFlat ? name : onnx.scoped(name, () => reshape(onnx, name, vectorShape(shape, batch)));
  return { onnx: vector, form: "vector", shape };
}

/** Outputs are as the graph says, but that gradients of kernels stay flat. */
function output(onnx: OnnxBuilder, kernels: MapKernels, value: Value, name: string): OnnxValue {
  const { form, shape } = value;
  const plain = fixed(shape, kernels.batch);
  const move = {
    map: (x: string) => kernels.planesFromMap(x, mapExtents(shape)),
    vector: shape.length === 2 ? undefined : (x: string) => reshape(onnx, x, plain),
    planes: undefined,
    kernel: undefined,
    plain: undefined,
  }[form];
  if (!move) named(onnx, value.onnx, name);
  else if (value.onnx === name) onnx.rename(name, move);
  else onnx.lower(name, () => move(value.onnx));
  return { name, shape: form === "kernel" ? [`${name}:size`] : plain };
}

/** A value under the name of its output; one that is another node's (after the identity) is copied. */
function named(onnx: OnnxBuilder, value: string, name: string): string {
  if (value !== name) onnx.lower(name, () => onnx.add("Identity", [value]));
  return name;
}
