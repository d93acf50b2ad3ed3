/**
 * What a layer of a functional model is called with, from its `inbound_nodes`, in one form for Keras 2 and Keras 3.
 *
 *   Keras 3   [{ "args": [tensor, …] or [[tensor, …]], "kwargs": { … } }], a tensor being
 *             { "class_name": "__keras_tensor__", "config": { "keras_history": [layer, call, output], … } }
 *   Keras 2   [[[layer, call, output, { kwargs }], …]], and [[layer, call, output, { kwargs }]] for TensorFlow's own functions
 *
 * Sources: Keras 3.15.1, `keras/src/models/functional.py`, `serialize_node`; tf_keras 2.21.0, `tf_keras/src/engine/node.py`,
 * `Node.serialize`.
 */
import * as v from "valibot";
import { refuse, shown } from "./refuse.js";

/** An output of a layer. Which of its calls is meant needs no number: a layer that is called twice is refused. */
export interface Reference {
  readonly layer: string;
  readonly output: number;
}

export interface Call {
  readonly inputs: readonly Reference[];
  /** Arguments that are no tensors: the 2 of `x * 2`. */
  readonly constants: readonly unknown[];
  /** Whether the first argument is one of them: `255 - x`. */
  readonly startsWithConstant: boolean;
  /** By name: `training`, `mask`, the `y` of TensorFlow's functions. */
  readonly options: ReadonlyMap<string, unknown>;
}

/** A layer that joins, or a model that reads or gives, more tensors than this is not one of a network. */
const maximumArguments = 64;

const index = v.pipe(v.number(), v.integer());
/** `[layer, call, output]`, and Keras 2's options behind it. */
const History = v.looseTuple([v.string(), index, v.pipe(index, v.minValue(0))]);
const KerasTensor = v.object({
  class_name: v.literal("__keras_tensor__"),
  config: v.object({ keras_history: History }),
});
const Options = v.record(v.string(), v.unknown());
const Node = v.object({ args: v.array(v.unknown()), kwargs: v.optional(Options, {}) });

/** What Keras 2 writes in the place of a layer where an argument is a constant. */
const constantMark = "_CONSTANT_VALUE";

/** The one call of a layer, or none, as for an input. Throws `WeightsError` for a layer called twice, or something else. */
export function readCall(inbound: unknown, subject: string): Call | undefined {
  if (inbound === undefined || inbound === null) return undefined;
  if (!Array.isArray(inbound)) return refuse(subject, `inbound_nodes: expected a list, got ${shown(inbound)}`);
  if (inbound.length > 1) refuse(subject, `called ${inbound.length} times, expected once: layers cannot be shared yet`);
  const [node] = inbound;
  if (node === undefined) return undefined;
  return Array.isArray(node) ? readKeras2(node, subject) : readKeras3(node, subject);
}

/** `["input_layer", 0, 0]`, or a list or a dictionary of such: the inputs or outputs of a model. */
export function readReferences(value: unknown, subject: string): Reference[] {
  if (v.is(History, value)) return [referenceOf(value)];
  const list = typeof value === "object" && value !== null ? Object.values(value) : [];
  requireFew(list, subject);
  return list.map((element) =>
    v.is(History, element)
      ? referenceOf(element)
      : refuse(subject, `expected [layer, call, output], got ${shown(element)}`),
  );
}

function readKeras3(node: unknown, subject: string): Call {
  const parsed = v.safeParse(Node, node);
  if (!parsed.success) return refuse(subject, `inbound_nodes: expected args and kwargs, got ${shown(node)}`);
  const args = parsed.output.args.flatMap((arg) => (Array.isArray(arg) && arg.some(isTensor) ? arg : [arg]));
  requireFew(args, subject);
  const inputs = args.flatMap((arg) =>
    v.is(KerasTensor, arg) ? [referenceOf(v.parse(KerasTensor, arg).config.keras_history)] : [],
  );
  const constants = args.filter((arg) => !isTensor(arg));
  const startsWithConstant = args.length > 0 && !isTensor(args[0]);
  return { inputs, constants, startsWithConstant, options: new Map(Object.entries(parsed.output.kwargs)) };
}

const isTensor = (value: unknown): boolean => v.is(KerasTensor, value);

function readKeras2(node: readonly unknown[], subject: string): Call {
  const entries = typeof node[0] === "string" ? [node] : node;
  requireFew(entries, subject);
  const inputs: Reference[] = [];
  const constants: unknown[] = [];
  const options = new Map<string, unknown>();
  for (const entry of entries) {
    if (!Array.isArray(entry) || (entry[0] !== constantMark && !v.is(History, entry))) {
      return refuse(subject, `inbound_nodes: expected [layer, call, output, options], got ${shown(entry)}`);
    }
    if (entry[0] === constantMark) constants.push(entry[2]);
    else inputs.push(referenceOf(v.parse(History, entry)));
    const given = v.safeParse(Options, entry[3] ?? {});
    if (!given.success) return refuse(subject, `inbound_nodes: expected options, got ${shown(entry[3])}`);
    for (const [name, value] of Object.entries(given.output)) options.set(name, value);
  }
  const [first] = entries;
  return { inputs, constants, startsWithConstant: Array.isArray(first) && first[0] === constantMark, options };
}

const referenceOf = ([layer, , output]: v.InferOutput<typeof History>): Reference => ({ layer, output });

function requireFew(list: readonly unknown[], subject: string): void {
  if (list.length > maximumArguments) {
    refuse(subject, `${list.length} tensors, expected at most ${maximumArguments}`);
  }
}
