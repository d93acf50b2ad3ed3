/** The network's first layers, fed one gray plane: what each makes of it, up to the stem or to where it fails. */
import { bind, GraphBuilder, GraphError, type Model, type Node, nodesOf, type Ops, valuesOf } from "@grayling/core";

/** What a layer before the stem does, with its numbers; one number, or one per channel. */
export type Preparation =
  | { readonly kind: "rescaling"; readonly scale: readonly number[]; readonly offset: readonly number[] }
  /** `variance` as it is stored: B0–B7 store the standard deviation there. */
  | { readonly kind: "normalization"; readonly mean: readonly number[]; readonly variance: readonly number[] }
  | { readonly kind: "padding"; readonly pads: Ops["Pad"]["pads"] };

export interface GrayPath {
  /** Declared with one channel, the weights unchanged; every layer before the stem is an output. */
  readonly model: Model;
  readonly layers: readonly { readonly name: string; readonly className: string; readonly does: Preparation }[];
  readonly stem: Node<"Conv">;
  /** What the stem says to the planes that reach it; undefined: it takes them. */
  readonly refusal: string | undefined;
}

/** Throws `GraphError` where more than rescaling, normalization and padding lies before the first convolution. */
export function grayPath(model: Model): GrayPath {
  const stem = nodesOf(model.graph, "Conv")[0];
  if (!stem) throw new GraphError("explain: expected a network with a convolution");
  const net = new GraphBuilder();
  const layers: GrayPath["layers"][number][] = [];
  for (const node of model.graph.nodes.values()) {
    if (node === stem) break;
    if (node.op === "Input") addGrayInput(net, node as Node<"Input">);
    else net.copy(node);
    if (node.op === "Input" || node.op === "Weight" || node.op === "Constant") continue;
    const { name, op } = node;
    layers.push({ name, className: node.layer?.className ?? op, does: preparationOf(node, model) });
  }
  const refusal = refusalOf(net, stem);
  const graph = net.build(layers.map(({ name }) => name));
  return { model: bind(graph, model.weights), layers, stem, refusal };
}

function addGrayInput(net: GraphBuilder, { name, attrs: { shape } }: Node<"Input">): void {
  net.add("Input", name, [], { shape: shape.with(1, 1) });
}

/** The shape rules answer, as for every graph. */
function refusalOf(net: GraphBuilder, stem: Node<"Conv">): string | undefined {
  try {
    net.copy(stem);
    return undefined;
  } catch (error) {
    if (error instanceof GraphError) return error.message;
    throw error;
  }
}

function preparationOf(node: Node, model: Model): Preparation {
  if (node.op === "Rescaling") return { kind: "rescaling", ...(node as Node<"Rescaling">).attrs };
  if (node.op === "Pad") return { kind: "padding", pads: (node as Node<"Pad">).attrs.pads };
  if (node.op !== "Normalization") {
    throw new GraphError(`explain: ${node.name} (${node.op}) lies between input and stem, which it cannot draw`);
  }
  const [, mean, variance] = node.inputs;
  return { kind: "normalization", mean: [...valuesOf(model, mean!)], variance: [...valuesOf(model, variance!)] };
}
