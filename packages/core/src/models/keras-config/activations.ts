/** Keras' activations by name, both ways. */
import * as v from "valibot";
import type { GraphBuilder } from "../../graph/graph.js";
import { type Activation, activate } from "../layers.js";

/** Which operator each name is; `linear` is none. */
const activations: ReadonlyMap<string, Activation | undefined> = new Map<string, Activation | undefined>([
  ["linear", undefined],
  ["silu", { op: "Silu" }],
  ["swish", { op: "Silu" }],
  ["relu", { op: "Relu" }],
  ["relu6", { op: "Clip", min: 0, max: 6 }],
  ["sigmoid", { op: "Sigmoid" }],
  ["tanh", { op: "Tanh" }],
  ["softmax", { op: "Softmax" }],
]);

/** What Keras 3 writes where it does not write the name. */
const SerializedFunction = v.object({
  module: v.nullish(v.picklist(["builtins", "keras", "keras.activations"])),
  class_name: v.literal("function"),
  config: v.string(),
});

const names = [...activations.keys()].join(", ");

/** An option `activation`: a name, also as an object of Keras 3; null is `linear`. */
export const ActivationOption = v.pipe(
  v.nullish(v.union([v.string(), SerializedFunction]), "linear"),
  v.transform((value) => (typeof value === "string" ? value : (value?.config ?? "linear"))),
  v.check((name) => activations.has(name), `expected one of ${names}`),
  v.transform((name) => activations.get(name)),
);

/** Keras' name of what a node computes, undefined where it has none. */
export function activationName(op: string, attrs: object): string | undefined {
  const values = JSON.stringify({ op, ...attrs });
  return [...activations].find(([, activation]) => activation && JSON.stringify(activation) === values)?.[0];
}

/** Adds `build(output)` and the activation on it, all under `name`. Throws an `Error` for a softmax over a map's columns. */
export function activated(
  net: GraphBuilder,
  name: string,
  inner: string,
  activation: Activation | undefined,
  build: (output: string) => string,
): string {
  if (!activation) return build(name);
  const x = build(`${name}/${inner}`);
  requireFlatSoftmax(net, x, activation);
  return activate(net, x, name, activation);
}

/** Keras takes softmax over the last axis, the channels; of a map that is not our last. */
export function requireFlatSoftmax(net: GraphBuilder, x: string, activation: Activation): void {
  if (activation.op === "Softmax" && net.shape(x).length !== 2) {
    throw new Error("softmax over the channels of a map is not represented, flatten or pool first");
  }
}
