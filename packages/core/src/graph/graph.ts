/**
 * The graph: named nodes in evaluation order, one output tensor each.
 * An edge is the name of the node it comes from, so a pass replaces a node without touching its readers.
 */
import { GraphError } from "../errors.js";
import type { Op, Ops } from "./ops.js";
import { shapeRules } from "./shapes.js";

/** One extent: a number, or "N", the batch, which is known only when the graph runs. */
export type Extent = number | "N";

/** Extents in ONNX order: [N, C, H, W] for images, [N, C] for vectors, [] for scalars. */
export type Shape = readonly Extent[];

/** What Keras calls a layer: one node or a few; the last one bears the layer's name. */
export interface Layer {
  readonly name: string;
  /** Keras' class: `Conv2D`, `BatchNormalization`, … */
  readonly className: string;
}

export interface Node<K extends Op = Op> {
  readonly name: string;
  readonly op: K;
  readonly inputs: readonly string[];
  readonly attrs: Ops[K];
  readonly shape: Shape;
  readonly layer?: Layer;
}

export interface Graph {
  readonly nodes: ReadonlyMap<string, Node>;
  readonly outputs: readonly string[];
}

export class GraphBuilder {
  readonly #nodes = new Map<string, Node>();
  #layer: Layer | undefined;

  /** Appends a node and returns its name. Throws `GraphError` if the name is taken or an input does not fit. */
  add<K extends Op>(op: K, name: string, inputs: readonly string[], attrs: Ops[K]): string {
    if (this.#nodes.has(name)) throw new GraphError(`${name}: a node with this name already exists`);
    try {
      const shape = shapeRules[op](attrs, ...inputs.map((input) => this.shape(input)));
      this.#nodes.set(name, { name, op, inputs, attrs, shape, ...(this.#layer && { layer: this.#layer }) });
    } catch (cause) {
      throw new GraphError(`${name} (${op}): ${(cause as Error).message}`, { cause });
    }
    return name;
  }

  /** Runs `build`; every node that it adds belongs to `layer`. */
  within<T>(layer: Layer | undefined, build: () => T): T {
    const outer = this.#layer;
    this.#layer = layer;
    try {
      return build();
    } finally {
      this.#layer = outer;
    }
  }

  /** Appends a node of a graph as it stands, its shape traced anew. */
  copy(node: Node): string {
    return this.within(node.layer, () => this.add(node.op, node.name, node.inputs, node.attrs));
  }

  /** Shape of a node added earlier. */
  shape(name: string): Shape {
    const node = this.#nodes.get(name);
    if (!node) throw new GraphError(`no node named "${name}" has been added yet`);
    return node.shape;
  }

  /** The finished graph; nodes that no output reaches are dropped. Throws `GraphError` for an unknown output, or one twice. */
  build(outputs: readonly string[]): Graph {
    const twice = outputs.find((name, i) => outputs.indexOf(name) !== i);
    if (twice !== undefined) throw new GraphError(`${twice}: expected once among the outputs, got it twice`);
    const reached = new Set<string>();
    const pending = [...outputs];
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (reached.has(name)) continue;
      const node = this.#nodes.get(name);
      if (!node) throw new GraphError(`no node named "${name}" can be an output`);
      reached.add(name);
      pending.push(...node.inputs);
    }
    return { nodes: new Map([...this.#nodes].filter(([name]) => reached.has(name))), outputs };
  }
}

/** The node of a name. Throws `GraphError` when there is none. */
export function nodeOf({ nodes }: Graph, name: string): Node {
  const node = nodes.get(name);
  if (!node) throw new GraphError(`no node named "${name}"`);
  return node;
}

/** Nodes of one operator, in order, with its attributes typed. */
export const nodesOf = <K extends Op>({ nodes }: Graph, op: K): Node<K>[] =>
  [...nodes.values()].filter((node): node is Node<K> => node.op === op);

/** Nodes that read `name`. */
export const readersOf = ({ nodes }: Graph, name: string): Node[] =>
  [...nodes.values()].filter((node) => node.inputs.includes(name));

/** Whether a node is of one operator, so that its attributes are known. */
export const isOp = <K extends Op>(node: Node, op: K): node is Node<K> => node.op === op;
