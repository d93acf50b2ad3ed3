/** The options of Keras' layers, checked: what is not represented is refused by name, and so is what is unknown. */
import * as v from "valibot";
import type { GraphBuilder } from "../../graph/graph.js";
import { check, type Options } from "./description.js";
import { refuse, shown } from "./refuse.js";

/** A layer that is being added. */
export interface LayerCall {
  readonly net: GraphBuilder;
  /** Of the layer in the graph. */
  readonly name: string;
  /** For errors: `"stem_conv" (Conv2D)`. */
  readonly subject: string;
  /** Nodes of the graph. */
  readonly inputs: readonly string[];
  readonly constants: readonly unknown[];
  /** Whether one of them is the first argument. */
  readonly startsWithConstant: boolean;
  /** What it is called with besides. */
  readonly callOptions: ReadonlyMap<string, unknown>;
  readonly config: Options;
  /** Tells the user something about what was read. */
  readonly note: (text: string) => void;
}

/** Adds a layer and returns the name of its output's node. */
export type LayerRule = (call: LayerCall) => string;

/** Options that every layer may have, and that say nothing about what it computes when it is not trained. */
const harmless =
  /^(name|trainable|dtype|seed|build_input_shape|(batch_)?(input_)?shape|\w*_(initializer|regularizer|constraint))$/;

/** A rule that gets the options of its class, checked; every other that is set is refused, so that nothing is overlooked. */
export function rule<const E extends v.ObjectEntries>(
  entries: E,
  add: (options: v.InferOutput<v.ObjectSchema<E, undefined>>, call: LayerCall) => string,
): LayerRule {
  const schema = v.object(entries);
  return (call) => {
    const stray = Object.keys(call.config).find((key) => isSet(call.config, key) && !Object.hasOwn(entries, key));
    if (stray !== undefined) {
      refuse(call.subject, `option ${shown(stray)} is unknown, expected none, got ${shown(call.config[stray])}`);
    }
    return add(check(schema, call.config, call.subject), call);
  };
}

const isSet = (config: Options, key: string): boolean =>
  config[key] !== null && config[key] !== undefined && !harmless.test(key);

/** px or channels; far above any network's, and small enough to count with. */
export const maximumExtent = 2 ** 20;
export const Count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(maximumExtent));
/** One number for both axes, or [rows, columns]. */
export const CountPair = v.pipe(
  v.union([Count, v.tuple([Count, Count])]),
  v.transform((value): readonly [number, number] => (typeof value === "number" ? [value, value] : value)),
);
const Zeros = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(maximumExtent));
/** Keras' padding: one number, [rows, columns], or [[top, bottom], [left, right]]. */
export const ZeroPairs = v.union([Zeros, v.tuple([v.union([Zeros, pairOf(Zeros)]), v.union([Zeros, pairOf(Zeros)])])]);

function pairOf<S extends v.GenericSchema>(schema: S) {
  return v.tuple([schema, schema]);
}

export const ChannelsLast = v.nullish(v.literal("channels_last"));
/** An option that is represented in one setting only, which is also the default. */
export const only = <const T extends string | number | boolean>(value: T) => v.nullish(v.literal(value));
/** The axis of the channels, as Keras 2 and 3 write it. */
export const ChannelAxis = v.pipe(
  v.union([v.pipe(v.number(), v.integer()), v.pipe(v.tuple([v.pipe(v.number(), v.integer())]))]),
  v.transform((axis) => (typeof axis === "number" ? axis : axis[0])),
);

/** Numbers of one option; more than one per channel of the widest map are none. */
export const maximumNumbers = 4096;

/** A number, one per channel in as many brackets as wanted, or a tensor or NumPy array of such, as Keras 3 writes it. */
export const ChannelNumbers = v.pipe(
  v.unknown(),
  v.transform((value) => {
    const array = v.safeParse(SerializedArray, value);
    return flatten(array.success ? array.output.config.value : value);
  }),
  v.check((values) => values !== undefined, "expected one number, or one per channel"),
  v.transform((values): readonly number[] => values ?? []), // just checked
);
const SerializedArray = v.object({
  class_name: v.picklist(["__numpy__", "__tensor__"]),
  config: v.object({ value: v.unknown() }),
});
const PlainNumbers = v.pipe(v.array(v.pipe(v.number(), v.finite())), v.minLength(1), v.maxLength(maximumNumbers));

/** [[[[a, b, c]]]] → [a, b, c]: only the last axis, the channels, may be longer than 1, and a map has 4. */
function flatten(value: unknown): readonly number[] | undefined {
  let inner = typeof value === "number" ? [value] : value;
  for (let axis = 1; axis < 4 && Array.isArray(inner) && inner.length === 1 && Array.isArray(inner[0]); axis++) {
    inner = inner[0];
  }
  return v.is(PlainNumbers, inner) ? inner : undefined;
}
