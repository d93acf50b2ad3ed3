/**
 * What becomes of an image with another number of channels than a network was declared for, layer by layer: the graph is
 * traced again, by its shape rules, from an input of that many channels.
 *
 * Keras does the same when it is called: a functional model hands the batch from layer to layer, and each layer computes
 * with what it gets. Its shapes, recorded from Keras 2 and 3, are what this trace is tested against.
 */
import { GraphError } from "../errors.js";
import { type Graph, GraphBuilder, isOp, type Layer, type Node, nodeOf, nodesOf } from "../graph/graph.js";
import { type KerasShape, kerasShape, showKerasShape } from "../graph/keras-shape.js";
import type { Weights } from "../graph/model.js";
import { type ChannelReason, channelReason } from "./channel-reason.js";
import { inputFailure, layerFailure, passesInputCheck, type TraceFailure } from "./trace-failure.js";

export interface GrayTraceOptions {
  /** Of the images; default 1. */
  readonly channels?: number;
  /** For the values of what broadcasts; without them the values of stored means are unknown. */
  readonly weights?: Weights;
}

export interface TracedLayer extends Layer {
  /** For these images; `null` is the batch. */
  readonly outputShape: KerasShape;
  /** For images with as many channels as the network was declared for. */
  readonly declaredShape: KerasShape;
  /** Of what it reads first; undefined for an input layer. */
  readonly channelsIn?: number;
  readonly channelsOut: number;
  /** Where it gives another number of channels than it gets. */
  readonly reason?: ChannelReason;
}

export interface GrayTrace {
  /** px */
  readonly height: number;
  /** px */
  readonly width: number;
  /** Of the images. */
  readonly channels: number;
  /** That the network was declared for. */
  readonly declaredChannels: number;
  /** Every layer that the images pass, in order. */
  readonly layers: readonly TracedLayer[];
  /** The name of the one that makes as many channels as were declared out of fewer, by broadcasting, if there is one. */
  readonly widensAt?: string;
  /** Whether it and every layer after it has the shape that was declared; all layers, where none widens. */
  readonly endsAsDeclared: boolean;
  /** Undefined: the network works. */
  readonly failure?: TraceFailure;
}

/** Throws `GraphError` for a graph without exactly one image as its input, and for no channels. */
export function grayTrace(graph: Graph, options: GrayTraceOptions = {}): GrayTrace {
  const { channels = 1, weights } = options;
  if (!Number.isInteger(channels) || channels < 1) {
    throw new GraphError(`grayTrace: ${channels} channels, expected a whole number of at least 1`);
  }
  const input = imageInput(graph);
  const [, declaredChannels, height, width] = input.attrs.shape as readonly ["N", number, number, number]; // an image
  const { layers, failure } = traceLayers(graph, input, channels, weights);
  const widening = layers.findIndex(
    ({ reason, channelsIn, channelsOut }) =>
      reason?.kind === "broadcast" && channelsIn === channels && channelsOut === declaredChannels,
  );
  return {
    height,
    width,
    channels,
    declaredChannels,
    layers,
    ...(widening !== -1 && { widensAt: layers[widening]!.name }),
    endsAsDeclared: failure === undefined && layers.slice(Math.max(0, widening)).every(isAsDeclared),
    ...(failure && { failure }),
  };
}

function imageInput(graph: Graph): Node<"Input"> {
  const inputs = nodesOf(graph, "Input");
  const [input] = inputs;
  if (!input || inputs.length > 1 || input.shape.length !== 4) {
    throw new GraphError(`grayTrace: expected one input, [N, C, H, W], got ${inputs.length} inputs`);
  }
  return input;
}

function traceLayers(graph: Graph, input: Node<"Input">, channels: number, weights: Weights | undefined) {
  const shape = input.attrs.shape.with(1, channels);
  const spans = layerSpans(graph);
  const net = new GraphBuilder();
  const layers: TracedLayer[] = [];
  for (const node of graph.nodes.values()) {
    try {
      if (node === input) net.within(node.layer, () => net.add("Input", node.name, [], { shape }));
      else net.copy(node);
    } catch (cause) {
      if (!(cause instanceof GraphError)) throw cause;
      return { layers, failure: layerFailure(graph, node, kerasShape(net.shape(node.inputs[0]!))) };
    }
    const span = spans.get(layerOf(node).name);
    if (span?.end === node) layers.push(traceLayer(graph, net, span, weights));
    if (node === input && !passesInputCheck(channels, input.attrs.shape[1] as number)) {
      return { layers, failure: inputFailure(layerOf(node), kerasShape(shape), kerasShape(node.shape)) };
    }
  }
  return { layers, failure: undefined };
}

/** The first node of a layer that computes, and its last, which bears its output. */
interface Span {
  readonly start: Node;
  readonly end: Node;
}

function layerSpans({ nodes }: Graph): ReadonlyMap<string, Span> {
  const spans = new Map<string, Span>();
  for (const node of nodes.values()) {
    if (isOp(node, "Weight") || isOp(node, "Constant")) continue;
    const { name } = layerOf(node);
    spans.set(name, { start: spans.get(name)?.start ?? node, end: node });
  }
  return spans;
}

const layerOf = ({ layer, name, op }: Node): Layer => layer ?? { name, className: op };

function traceLayer(graph: Graph, net: GraphBuilder, { start, end }: Span, weights: Weights | undefined): TracedLayer {
  const outputShape = kerasShape(net.shape(end.name));
  const channelsOut = outputShape.at(-1)!; // the batch comes first
  const source = start.inputs[0];
  const channelsIn = source === undefined ? undefined : kerasShape(net.shape(source)).at(-1)!;
  const inputs = start.inputs.map((name) => nodeOf(graph, name));
  const reason = channelsIn === channelsOut ? undefined : channelReason(start, inputs, weights);
  return {
    ...layerOf(end),
    outputShape,
    declaredShape: kerasShape(end.shape),
    ...(channelsIn !== undefined && { channelsIn }),
    channelsOut,
    ...(reason && { reason }),
  };
}

const isAsDeclared = ({ outputShape, declaredShape }: TracedLayer) =>
  showKerasShape(outputShape) === showKerasShape(declaredShape);
