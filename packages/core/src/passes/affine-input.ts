/** The way from the input of a model to its first convolution, as one affine map per channel. */
import { GraphError } from "../errors.js";
import { isOp, type Node, nodesOf, readersOf } from "../graph/graph.js";
import { type Model, valuesOf } from "../graph/model.js";
import type { Op } from "../graph/ops.js";

/** Channel c of the stem sees scale[c] · gray + offset[c]. */
export interface Affine {
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

export interface AffineInput extends Affine {
  readonly input: Node<"Input">;
  /** The nodes that are the map, in order; none where the input reaches the stem as it is. */
  readonly maps: readonly Node[];
  readonly stem: Node<"Conv">;
}

type AffineRule = (node: Node, model: Model) => Affine;

/** The affine operators; padding comes after them and keeps the map as it is, inside the image. */
const rules: { readonly [K in Op]?: AffineRule } = {
  Rescaling: (node) => (node as Node<"Rescaling">).attrs, // the row's operator
  Normalization: ({ inputs: [, mean, variance] }, model) => {
    const std = Array.from(valuesOf(model, variance!), (value) => Math.max(Math.sqrt(value), 1e-7));
    const means = valuesOf(model, mean!);
    return { scale: std.map((value) => 1 / value), offset: std.map((value, c) => -means[c]! / value) };
  },
};

/** Throws `GraphError` where the one input does not reach one convolution through affine layers, then padding. */
export function affineInput(model: Model, pass: string): AffineInput {
  const inputs = nodesOf(model.graph, "Input");
  const [input] = inputs;
  if (!input || inputs.length > 1) throw new GraphError(`${pass}: expected one input, got ${inputs.length}`);

  let map: Affine = { scale: [1], offset: [0] };
  const maps: Node[] = [];
  for (let node: Node = input, padded = false; ; ) {
    const next = onlyReader(model, node, pass);
    if (isOp(next, "Conv")) return { ...spread(map, input.attrs.shape[1] as number), input, maps, stem: next };
    const rule = rules[next.op];
    if (next.op === "Pad") padded = true;
    else if (!rule || padded) {
      throw new GraphError(
        `${pass}: ${next.name} (${next.op}) lies between input and stem, expected affine layers, then padding`,
      );
    } else {
      map = compose(map, rule(next, model));
      maps.push(next);
    }
    node = next;
  }
}

function onlyReader({ graph }: Model, { name }: Node, pass: string): Node {
  const readers = readersOf(graph, name);
  if (readers.length !== 1 || graph.outputs.includes(name)) {
    const ends = [...readers.map(({ op }) => op), ...(graph.outputs.includes(name) ? ["output"] : [])].join(", ");
    throw new GraphError(`${pass}: "${name}" must feed exactly one node, it feeds [${ends}]`);
  }
  return readers[0]!;
}

/** second(first(g)), each with one number or one per channel. */
function compose(first: Affine, second: Affine): Affine {
  const parts = [first.scale, first.offset, second.scale, second.offset];
  const channels = Math.max(...parts.map(({ length }) => length));
  const [a1, b1, a2, b2] = parts.map((values) => widen(values, channels));
  return { scale: a1!.map((a, c) => a * a2![c]!), offset: b1!.map((b, c) => b * a2![c]! + b2![c]!) };
}

const spread = ({ scale, offset }: Affine, channels: number): Affine => ({
  scale: widen(scale, channels),
  offset: widen(offset, channels),
});

const widen = (values: readonly number[], channels: number) =>
  values.length === 1 ? Array.from({ length: channels }, () => values[0]!) : values;
