/** What a `config.json` (Keras 3) or `model_config` (Keras 2 and 3) says about a model, checked, in one form for both. */
import * as v from "valibot";
import { printable } from "../../text-table.js";
import { type Call, type Reference, readCall, readReferences } from "./calls.js";
import { refuse, shown } from "./refuse.js";

export type Options = Readonly<Record<string, unknown>>;

export interface LayerDescription {
  readonly name: string;
  /** Keras' class: `Conv2D`. */
  readonly className: string;
  /** Where Keras 3 finds the class: `keras.layers`, `keras.src.ops.numpy`. */
  readonly module: string | undefined;
  /** Its options, not looked at yet. */
  readonly config: Options;
  /** None for an input, and in a sequential model. */
  readonly call: Call | undefined;
  /** What the layer is, if it is a model. */
  readonly model: ModelDescription | undefined;
}

export interface ModelDescription {
  readonly kind: "functional" | "sequential";
  readonly name: string;
  readonly layers: readonly LayerDescription[];
  readonly isTrainable: boolean;
  /** Of a functional model. */
  readonly inputs: readonly Reference[];
  readonly outputs: readonly Reference[];
  /** Of a sequential model that has no layer for its input but was built: channels last, not looked at yet. */
  readonly builtFor: unknown;
}

/** Models in models. */
const maximumDepth = 16;
/** Layers of a model and of those inside; V2 L has 1,031. */
const maximumLayers = 4096;

/** Keras' names for the classes of a model that is nothing but its layers. */
const kinds: ReadonlyMap<string, ModelDescription["kind"]> = new Map([
  ["Functional", "functional"],
  ["Model", "functional"],
  ["Sequential", "sequential"],
]);

/** The "/" joins a layer with its variables. Names are printed as they are. */
const Name = v.pipe(
  v.string(),
  v.check(
    (name) => /^[^/]{1,200}$/.test(name) && printable(name) === name,
    'expected 1 to 200 printable characters without "/"',
  ),
);
const AnyOptions = v.record(v.string(), v.unknown());
const LayerForm = v.object({
  class_name: v.pipe(v.string(), v.maxLength(200)),
  name: v.nullish(Name),
  module: v.nullish(v.string()),
  registered_name: v.nullish(v.string()),
  config: AnyOptions,
  inbound_nodes: v.optional(v.unknown()),
  build_config: v.optional(v.unknown()),
});
const ModelForm = v.object({
  name: v.optional(Name, "model"),
  trainable: v.nullish(v.boolean(), true),
  layers: v.array(v.unknown()),
  input_layers: v.optional(v.unknown()),
  output_layers: v.optional(v.unknown()),
  build_input_shape: v.optional(v.unknown()),
});

/** Throws `WeightsError` for what is no model, or one of a class of its own. */
export function readDescription(value: unknown): ModelDescription {
  const count = countLayers(value, 0);
  if (count > maximumLayers) refuse("the model", `${count} layers, expected at most ${maximumLayers}`);
  const layer = readLayer(value, "the model", 0);
  return layer.model ?? refuse("the model", `class ${shown(layer.className)}, expected Functional or Sequential`);
}

/** Before any is looked at, as that takes its time. What is no list of layers counts as none, and is refused later. */
function countLayers(value: unknown, depth: number): number {
  const model = v.safeParse(v.object({ config: v.object({ layers: v.array(v.unknown()) }) }), value);
  if (!model.success || depth > maximumDepth) return 0;
  const { layers } = model.output.config;
  return layers.reduce<number>((count, layer) => count + countLayers(layer, depth + 1), layers.length);
}

function readLayer(value: unknown, place: string, depth: number): LayerDescription {
  const form = check(LayerForm, value, place);
  const { class_name: className, config } = form;
  const kind = kinds.get(className);
  const name = form.name ?? check(v.object({ name: v.nullish(Name) }), config, place).name ?? kind;
  if (name === undefined) return refuse(place, "expected a name, got none");
  const subject = `${shown(name)} (${printableClass(className)})`;
  requireKeras(form.module, form.registered_name, subject);
  return {
    name,
    className,
    module: form.module ?? undefined,
    config,
    call: readCall(form.inbound_nodes, subject),
    model: kind && readModel(kind, config, form.build_config, subject, depth),
  };
}

/** Layers, and the errors about them, are named so. */
export const subjectOf = ({ name, className }: Pick<LayerDescription, "name" | "className">): string =>
  `${shown(name)} (${printableClass(className)})`;

const printableClass = (className: string): string => shown(className).replace(/^"|"$/g, "");

/** A class of somebody's own may bear the name of one of Keras': `Custom>Conv2D`. */
function requireKeras(module: string | null | undefined, registered: string | null | undefined, subject: string): void {
  const isForeign = typeof module === "string" && !/^(keras|tf_keras|tensorflow|builtins)(\.|$)/.test(module);
  if (isForeign || registered?.includes(">")) {
    const where = shown(isForeign ? module : registered);
    refuse(
      subject,
      `a class of somebody's own, ${where}: what it computes is code outside the file, which is never run`,
    );
  }
}

function readModel(
  kind: ModelDescription["kind"],
  config: Options,
  build: unknown,
  subject: string,
  depth: number,
): ModelDescription {
  if (depth >= maximumDepth) refuse(subject, `models nested more than ${maximumDepth} deep`);
  const form = check(ModelForm, config, subject);
  const built = v.safeParse(v.object({ input_shape: v.optional(v.unknown()) }), build);
  return {
    kind,
    name: form.name,
    layers: form.layers.map((layer, n) => readLayer(layer, `layer ${n + 1} of ${shown(form.name)}`, depth + 1)),
    isTrainable: form.trainable ?? true,
    inputs: readReferences(form.input_layers, `${subject}: input_layers`),
    outputs: readReferences(form.output_layers, `${subject}: output_layers`),
    builtFor: form.build_input_shape ?? (built.success ? built.output.input_shape : undefined),
  };
}

/** The value in the schema's form. Throws `WeightsError` with what is wrong first: `subject: path: expected …, got …`. */
export function check<S extends v.GenericSchema>(schema: S, value: unknown, subject: string): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const path = v.getDotPath(issue);
  // Of an option that is missing, the schema says its name where it else says the type.
  const isMissing = issue.type !== "check" && issue.input === undefined;
  const wanted = isMissing ? "expected it" : issue.expected ? `expected ${issue.expected}` : issue.message;
  return refuse(subject, `${path === null ? "" : `${path}: `}${wanted}, got ${shown(issue.input)}`);
}
