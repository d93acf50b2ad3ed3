/** One pixel on its way through a network's preprocessing: its numbers before and after every layer. */
import {
  bind,
  type Graph,
  GraphBuilder,
  type Model,
  type Node,
  nodesOf,
  type Runtime,
  type Tensor,
  valuesOf,
} from "@grayling/core";
import { runModel } from "../runtime/run-model.js";

export interface PixelStep {
  readonly layer: string;
  readonly className: string;
  /** What it computes with, one number or one per channel: scale and offset, or mean and variance as stored. */
  readonly numbers: Readonly<Record<string, readonly number[]>>;
  /** One per channel, float32 as the network computes them. */
  readonly values: readonly number[];
}

export interface SamplePixel {
  readonly row: number;
  readonly column: number;
  /** Gray level, 0–255. */
  readonly gray: number;
  /** As it enters: once per channel of the input. */
  readonly input: readonly number[];
  readonly steps: readonly PixelStep[];
}

/**
 * The pixel in the middle of `plane` [1, 1, H, W], as `channels` equal channels, through every layer of the model before
 * padding and stem, run by ONNX Runtime in the network's own arithmetic.
 */
export async function samplePixel(
  runtime: Runtime,
  model: Model,
  { shape, data }: Tensor,
  channels: number,
): Promise<SamplePixel> {
  const [, , height, width] = shape as readonly [number, number, number, number];
  const [row, column] = [Math.floor(height / 2), Math.floor(width / 2)];
  const gray = data[row * width + column]!;
  const input = Array.from({ length: channels }, () => gray);
  const layers = preparingNodes(model.graph);
  const pixel = bind(onePixelGraph(model.graph, layers, channels), model.weights);
  const outputs = await runModel(runtime, pixel, { shape: [1, channels, 1, 1], data: Float32Array.from(input) });
  const steps = layers.map((node) => ({
    layer: node.name,
    className: node.layer?.className ?? node.op,
    numbers: numbersOf(model, node),
    values: [...outputs[node.name]!.data],
  }));
  return { row, column, gray, input, steps };
}

function numbersOf(model: Model, { op, attrs, inputs }: Node): PixelStep["numbers"] {
  if (op === "Rescaling") return { ...(attrs as Node<"Rescaling">["attrs"]) };
  const [, mean, variance] = inputs;
  return { mean: [...valuesOf(model, mean!)], variance: [...valuesOf(model, variance!)] };
}

/** The layers that compute pixel by pixel, from the input on. */
export function preparingNodes(graph: Graph): Node[] {
  const layers: Node[] = [];
  let last = nodesOf(graph, "Input")[0]?.name;
  for (const node of graph.nodes.values()) {
    if ((node.op !== "Rescaling" && node.op !== "Normalization") || node.inputs[0] !== last) continue;
    layers.push(node);
    last = node.name;
  }
  return layers;
}

/** Just these layers, for an image of one pixel; the shape rules let a single channel become three. */
function onePixelGraph(graph: Graph, layers: readonly Node[], channels: number): Graph {
  const net = new GraphBuilder();
  for (const { name } of nodesOf(graph, "Input")) net.add("Input", name, [], { shape: ["N", channels, 1, 1] });
  for (const layer of layers) {
    for (const operand of layer.inputs.slice(1)) net.copy(graph.nodes.get(operand)!);
    net.copy(layer);
  }
  return net.build(layers.map(({ name }) => name));
}
