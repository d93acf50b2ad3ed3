/** From the description of a model to its graph, layer by layer; models inside are flattened. */
import { WeightsError } from "../../errors.js";
import { type Graph, GraphBuilder, isOp, nodesOf } from "../../graph/graph.js";
import { rewrite } from "../../graph/rewrite.js";
import { single } from "../layers.js";
import type { Reference } from "./calls.js";
import { type LayerDescription, type ModelDescription, subjectOf } from "./description.js";
import { type InputSize, inputShape, isUnsized, sequentialInput } from "./input-shape.js";
import { LayerNames } from "./layer-names.js";
import { checkPrecision } from "./precision.js";
import { type LayerRow, layerRow } from "./read-layers.js";
import { refuse, shown } from "./refuse.js";

/** Where layers are inside: frozen by a model around them, with an input that may leave its size open. */
interface Inside {
  readonly isFrozen: boolean;
  /** Nodes that the model reads; undefined for the outermost, which has inputs of its own. */
  readonly given: readonly string[] | undefined;
}

/** A graph that grows by the layers of a description. */
export class ModelReader {
  readonly notes = new Set<string>();
  readonly #net = new GraphBuilder();
  readonly #frozen = new Set<string>();
  readonly #names: LayerNames;
  readonly #model: ModelDescription;
  readonly #size: InputSize;

  constructor(model: ModelDescription, size: InputSize) {
    this.#model = model;
    this.#size = size;
    this.#names = new LayerNames(model);
  }

  read(): Graph {
    const outputs = this.#add(this.#model, { isFrozen: false, given: undefined });
    const graph = this.#net.build(outputs);
    if (nodesOf(graph, "Input").length === 0) refuse("the model", "no input reaches its output");
    if (this.#frozen.size === 0) return graph;
    return rewrite(graph, (net, node) => {
      if (!isOp(node, "Weight") || !node.layer || !this.#frozen.has(node.layer.name)) return false;
      net.add("Weight", node.name, [], { ...node.attrs, trainable: false });
      return true;
    });
  }

  /** Returns the nodes of the model's outputs. */
  #add(model: ModelDescription, { isFrozen, given }: Inside): readonly string[] {
    if (isUnsized(model)) this.notes.add(unsizedNote);
    const inside = { isFrozen: isFrozen || !model.isTrainable, given };
    return model.kind === "sequential" ? this.#addSequential(model, inside) : this.#addFunctional(model, inside);
  }

  #addSequential(model: ModelDescription, { isFrozen, given }: Inside): readonly string[] {
    let current = given ?? [this.#addInput("input_layer", sequentialInput(model))];
    const layers = model.layers.filter(({ className }) => className !== "InputLayer");
    for (const layer of layers) current = this.#addLayer(layer, current, isFrozen);
    return current;
  }

  #addFunctional(model: ModelDescription, { isFrozen, given }: Inside): readonly string[] {
    if (model.outputs.length === 0 || model.inputs.length === 0) refuse(shown(model.name), "no inputs or no outputs");
    const done = new Map<string, readonly string[]>();
    for (const layer of model.layers) {
      if (layer.className === "InputLayer") done.set(layer.name, [this.#inputOf(layer, model, given)]);
    }
    requireNamesOnce(model);
    for (const layer of inOrder(model, done)) {
      const inputs = (layer.call?.inputs ?? []).map((reference) => outputOf(done, reference, subjectOf(layer)));
      done.set(layer.name, this.#addLayer(layer, inputs, isFrozen));
    }
    return model.outputs.map((reference) => outputOf(done, reference, "output_layers"));
  }

  #inputOf(layer: LayerDescription, model: ModelDescription, given: readonly string[] | undefined): string {
    const position = model.inputs.findIndex((input) => input.layer === layer.name);
    if (position < 0) refuse(subjectOf(layer), "is none of the model's input_layers");
    if (!given) return this.#addInput(model.inputs.length === 1 ? "input_layer" : layer.name, layer.config);
    if (given.length !== model.inputs.length) {
      refuse(shown(model.name), `reads ${model.inputs.length} tensors, got ${given.length}`);
    }
    return given[position]!;
  }

  #addInput(name: string, config: LayerDescription["config"]): string {
    const { shape, note } = inputShape(config, this.#size, `${shown(name)} (InputLayer)`);
    if (note !== undefined) this.notes.add(note);
    return single(this.#net, "InputLayer", "Input", name, [], { shape });
  }

  #addLayer(layer: LayerDescription, inputs: readonly string[], isFrozen: boolean): readonly string[] {
    const subject = subjectOf(layer);
    if (layer.model) {
      requireCallOptions(layer, []);
      return this.#add(layer.model, { isFrozen, given: inputs });
    }
    const row = rowOf(layer, inputs);
    requireCallOptions(layer, row.callOptions ?? []);
    const precision = checkPrecision(layer.config["dtype"], subject);
    if (precision !== undefined) this.notes.add(precision);
    const name = this.#names.take(layer, weighted.has(layer.className));
    if (name === undefined) refuse(subject, "two layers with weights bear this name, one of them in a model inside");
    if (isFrozen || layer.config["trainable"] === false) this.#frozen.add(name);
    return [this.#run(row, layer, inputs, name)];
  }

  #run(row: LayerRow, layer: LayerDescription, inputs: readonly string[], name: string): string {
    const subject = subjectOf(layer);
    try {
      return row.add({
        net: this.#net,
        name,
        subject,
        inputs,
        constants: layer.call?.constants ?? [],
        startsWithConstant: layer.call?.startsWithConstant ?? false,
        callOptions: layer.call?.options ?? new Map(),
        config: layer.config,
        note: (text) => this.notes.add(text),
      });
    } catch (cause) {
      if (cause instanceof WeightsError) throw cause;
      return refuse(subject, (cause as Error).message, cause);
    }
  }
}

const weighted: ReadonlySet<string> = new Set([
  "Conv2D",
  "DepthwiseConv2D",
  "BatchNormalization",
  "Dense",
  "Normalization",
]);

const unsizedNote =
  "declared without a size: its ZeroPadding2D layers pad as if every height and width were even, whatever the size, as " +
  "Keras does; for odd ones, building it with the size gives other borders (33 rows give 17 after the stem, not 16)";

function rowOf(layer: LayerDescription, inputs: readonly string[]): LayerRow {
  const subject = subjectOf(layer);
  if (layer.className === "Lambda") {
    refuse(subject, "is Python code inside the file; grayling runs no code from a file. Replace it by layers of Keras");
  }
  const row = layerRow(layer.className, layer.module);
  if (!row)
    return refuse(subject, "grayling does not represent this class, expected one of EfficientNets' or of usual heads'");
  if (inputs.length === 0 || (row.inputs !== "many" && inputs.length > 1)) {
    refuse(subject, `reads ${inputs.length} tensors, expected ${row.inputs === "many" ? "at least one" : "one"}`);
  }
  return row;
}

/** `training=True` makes a layer do in prediction what it does in training. */
function requireCallOptions({ call, ...layer }: LayerDescription, known: readonly string[]): void {
  for (const [name, value] of call?.options ?? []) {
    const isDefault = value === null || (name === "training" && value === false);
    if (!isDefault && !known.includes(name)) {
      refuse(subjectOf(layer), `called with ${shown(name)} = ${shown(value)}, which is not represented`);
    }
  }
}

function requireNamesOnce({ layers }: ModelDescription): void {
  const names = new Set<string>();
  for (const layer of layers) {
    if (names.has(layer.name)) refuse(subjectOf(layer), "two layers bear this name");
    names.add(layer.name);
  }
}

function outputOf(done: ReadonlyMap<string, readonly string[]>, { layer, output }: Reference, subject: string): string {
  const outputs = done.get(layer);
  if (!outputs) return refuse(subject, `reads ${shown(layer)}, which the model does not have`);
  return outputs[output] ?? refuse(subject, `reads output ${output} of ${shown(layer)}, which has ${outputs.length}`);
}

/**
 * Each layer that is not `done`, after all that it reads; in the model's order where that is one. Whoever takes a layer
 * has it done before the next. Throws `WeightsError` for a circle, or a layer that reads what is not there.
 */
function* inOrder({ layers }: ModelDescription, done: ReadonlyMap<string, unknown>): Generator<LayerDescription> {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const waiting = new Set<string>();
  for (const start of layers) {
    const path = [start];
    for (let layer = path.at(-1); layer; layer = path.at(-1)) {
      const missing = done.has(layer.name) ? undefined : layer.call?.inputs.find((input) => !done.has(input.layer));
      if (!missing) {
        if (!done.has(layer.name)) yield layer;
        path.pop();
        continue;
      }
      const next = byName.get(missing.layer);
      if (!next) return refuse(subjectOf(layer), `reads ${shown(missing.layer)}, which the model does not have`);
      waiting.add(layer.name);
      if (waiting.has(next.name))
        refuse("the model", `layers read each other in a circle, ${shown(next.name)} among them`);
      path.push(next);
    }
  }
}
