/** Collects ONNX nodes, the weights they read and the constants they need. Values are named after the node that makes them. */
import type { Tensor } from "../graph/tensor.js";

export type OnnxAttribute = number | string | readonly number[] | { readonly float: number };

export interface OnnxNode {
  readonly op: string;
  /** "" is ONNX's own. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** Numbers are ONNX `int`s and `ints`, unless wrapped: `{ float: 6 }`. */
  readonly attrs: Readonly<Record<string, OnnxAttribute>>;
}

/** A constant: float32 values, the bits of float16 values, or int64 extents. */
export type OnnxConstant = Tensor | { readonly shape: readonly number[]; readonly data: BigInt64Array | Uint16Array };

export class OnnxBuilder {
  readonly #nodes: OnnxNode[] = [];
  readonly #constants = new Map<string, OnnxConstant>();
  #scope = "";

  get nodes(): readonly OnnxNode[] {
    return this.#nodes;
  }

  get constants(): ReadonlyMap<string, OnnxConstant> {
    return this.#constants;
  }

  /** Runs one lowering rule; the last value that it adds bears `name`, those before `name:Op`. Returns the rule's value. */
  lower(name: string, rule: () => string): string {
    this.#scope = name;
    const first = this.#nodes.length;
    const output = rule();
    const last = this.#nodes.at(-1);
    // A rule may add nothing (the identity), or end on a value that it was given.
    if (this.#nodes.length === first || last?.output !== output) return output;
    this.#nodes[this.#nodes.length - 1] = { ...last, output: name };
    return name;
  }

  /** Adds nodes that are named after `name`, without one of them bearing it. */
  scoped(name: string, nodes: () => string): string {
    this.#scope = name;
    return nodes();
  }

  /** As `lower`, where the value that the rule starts from bears the name already: that one takes another. */
  rename(name: string, rule: (value: string) => string): string {
    const inner = `${name}:inner`;
    const renamed = (value: string) => (value === name ? inner : value);
    for (const [i, node] of this.#nodes.entries()) {
      this.#nodes[i] = { ...node, inputs: node.inputs.map(renamed), output: renamed(node.output) };
    }
    return this.lower(name, () => rule(inner));
  }

  add(op: string, inputs: readonly string[], attrs: OnnxNode["attrs"] = {}, domain = ""): string {
    const output = `${this.#scope}:${op}_${this.#nodes.length}`;
    this.#nodes.push({ op, domain, inputs, output, attrs });
    return output;
  }

  /** A weight, under the name of its node. */
  weight(name: string, tensor: Tensor): string {
    this.#constants.set(name, tensor);
    return name;
  }

  /** A float32 constant; equal ones are stored once. */
  floats(shape: readonly number[], values: readonly number[]): string {
    return this.#constant(`float_${shape.join("x")}_${values.join("_")}`, { shape, data: Float32Array.from(values) });
  }

  /** A float32 constant under a name that tells its content; stored once. */
  tensor(name: string, values: Tensor): string {
    return this.#constant(name, values);
  }

  /** An int64 vector; equal ones are stored once. */
  ints(values: readonly number[]): string {
    return this.#constant(`int_${values.join("_")}`, {
      shape: [values.length],
      data: BigInt64Array.from(values, BigInt),
    });
  }

  #constant(name: string, value: OnnxConstant): string {
    this.#constants.set(name, value);
    return name;
  }
}
