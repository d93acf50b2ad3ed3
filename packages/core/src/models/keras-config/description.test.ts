/** Descriptions that are damaged, hostile, or of what is not represented: each is refused in one line that names it. */
import { describe, expect, it } from "vitest";
import { WeightsError } from "../../errors.js";
import { readKerasConfig } from "./read-keras-config.js";

type Json = unknown;

const tensor = (layer: string, output = 0): Json => ({
  class_name: "__keras_tensor__",
  config: { shape: [null, 8, 8, 3], dtype: "float32", keras_history: [layer, 0, output] },
});
const call = (...layers: readonly string[]): Json => [{ args: layers.map((layer) => tensor(layer)), kwargs: {} }];
const input = { class_name: "InputLayer", name: "in", config: { batch_shape: [null, 8, 8, 3] }, inbound_nodes: [] };
const layer = (class_name: string, config: object, more: object = {}): object => {
  return { class_name, name: "x", config, inbound_nodes: call("in"), ...more };
};
const functional = (layers: readonly Json[], more: object = {}): Json => ({
  class_name: "Functional",
  config: { name: "m", layers, input_layers: [["in", 0, 0]], output_layers: [["x", 0, 0]], ...more },
});
const of = (class_name: string, config: object, more: object = {}): Json =>
  functional([input, layer(class_name, config, more)]);
const sequential = (...layers: readonly Json[]): Json => ({ class_name: "Sequential", config: { layers } });
const nestedIn = (depth: number): Json => (depth === 0 ? input : sequential(nestedIn(depth - 1)));

const conv = { filters: 4, kernel_size: 3 };
const relu = layer("ReLU", {});

const refused: readonly (readonly [string, Json, string])[] = [
  ["nothing", null, "the model: expected Object, got null"],
  ["a list", [], "the model: class_name: expected it, got nothing"],
  ["a class of nobody", { class_name: "Pipeline", config: {} }, "expected a name, got none"],
  ["a model in code", { class_name: "MyModel", name: "m", config: {} }, 'class "MyModel", expected Functional'],
  ["a layer alone", layer("Dense", { units: 3 }), 'class "Dense", expected Functional or Sequential'],
  ["layers that are no list", functional({} as Json[]), '"m" (Functional): layers: expected Array, got an object'],
  ["no layers", sequential(), "no layers"],
  ["a model never built", sequential(layer("ReLU", {})), "was never built"],
  ["no output", functional([input, relu], { output_layers: [] }), "no inputs or no outputs"],
  [
    "an output of nothing",
    functional([input, relu], { output_layers: ["y", 0, 0] }),
    'reads "y", which the model does not',
  ],
  [
    "the output's second part",
    functional([input, relu], { output_layers: ["x", 0, 1] }),
    'output 1 of "x", which has 1',
  ],
  ["an output below 0", functional([input, relu], { output_layers: ["x", 0, -1] }), "expected [layer, call, output]"],
  [
    "an output twice",
    functional([input, relu], {
      output_layers: [
        ["x", 0, 0],
        ["x", 0, 0],
      ],
    }),
    "once among the outputs",
  ],
  [
    "an input that is none",
    functional([input, relu], { input_layers: [["z", 0, 0]] }),
    "is none of the model's input_layers",
  ],

  [
    "a missing layer",
    of("ReLU", {}, { inbound_nodes: call("y") }),
    '"x" (ReLU): reads "y", which the model does not have',
  ],
  ["a layer that reads itself", of("ReLU", {}, { inbound_nodes: call("x") }), 'in a circle, "x" among them'],
  [
    "a circle",
    functional([
      input,
      layer("ReLU", {}, { inbound_nodes: call("y") }),
      layer("ReLU", {}, { name: "y", inbound_nodes: call("x") }),
    ]),
    'layers read each other in a circle, "x" among them',
  ],
  ["a name twice", functional([input, relu, relu]), '"x" (ReLU): two layers bear this name'],
  ["a layer that reads nothing", of("ReLU", {}, { inbound_nodes: [] }), "reads 0 tensors, expected one"],
  ["a layer that reads two", of("ReLU", {}, { inbound_nodes: call("in", "in") }), "reads 2 tensors, expected one"],
  [
    "a layer called twice",
    of("ReLU", {}, { inbound_nodes: [call("in"), call("in")] }),
    "called 2 times, expected once",
  ],
  ["calls that are none", of("ReLU", {}, { inbound_nodes: "in" }), "inbound_nodes: expected a list"],
  ["a call that is none", of("ReLU", {}, { inbound_nodes: [7] }), "inbound_nodes: expected args and kwargs, got 7"],
  ["a call of Keras 2 that is none", of("ReLU", {}, { inbound_nodes: [[7]] }), "[layer, call, output, options], got 7"],
  ["a million arguments", of("ReLU", {}, { inbound_nodes: [Array(10 ** 6).fill(0)] }), "1000000 tensors, expected at"],
  [
    "training in prediction",
    of("Dropout", { rate: 0.5 }, { inbound_nodes: [{ args: [tensor("in")], kwargs: { training: true } }] }),
    '"x" (Dropout): called with "training" = true, which is not represented',
  ],

  ["models too deep in each other", nestedIn(40), "models nested more than 16 deep"],
  ["too many layers", functional(Array(5000).fill(input)), "5000 layers, expected at most 4096"],
  [
    "an input of text",
    sequential({ ...input, config: { batch_shape: "8x8" } }),
    'channels] or [batch, features], got "8x8"',
  ],
  [
    "an input without channels",
    sequential({ ...input, config: { batch_shape: [null, 8, 8, null] } }),
    "got [null,8,8,null]",
  ],
  [
    "an input of 10⁹ rows",
    sequential({ ...input, config: { batch_shape: [null, 1e9, 8, 3] } }),
    "got [null,1000000000,8,3]",
  ],
  [
    "a sparse input",
    sequential({ ...input, config: { batch_shape: [null, 8], sparse: true } }),
    "sparse: expected false",
  ],

  ["10⁹ filters", of("Conv2D", { ...conv, filters: 1e9 }), "filters: expected <=1048576, got 1000000000"],
  ["half a filter", of("Conv2D", { ...conv, filters: 0.5 }), "filters: Invalid integer"],
  ["no filters", of("Conv2D", { kernel_size: 3 }), "filters: expected it, got nothing"],
  ["a window larger than the map", of("Conv2D", { ...conv, kernel_size: 9 }), "a window of 9 does not fit into 8"],
  [
    "causal padding",
    of("Conv2D", { ...conv, padding: "causal" }),
    'padding: expected ("valid" | "same"), got "causal"',
  ],
  ["channels first", of("Conv2D", { ...conv, data_format: "channels_first" }), 'expected "channels_last"'],
  ["groups that do not divide", of("Conv2D", { ...conv, groups: 2 }), "2 groups do not divide 3 channels"],
  ["several filters per channel", of("DepthwiseConv2D", { kernel_size: 3, depth_multiplier: 2 }), "depth_multiplier"],
  ["an unknown option", of("Conv2D", { ...conv, lora_rank: 4 }), '"x" (Conv2D): option "lora_rank" is unknown'],
  ["an unknown activation", of("Conv2D", { ...conv, activation: "gelu" }), "activation: expected one of linear, silu,"],
  [
    "somebody's activation",
    of("Conv2D", { ...conv, activation: { module: "mine", class_name: "function", config: "relu" } }),
    "activation: expected",
  ],
  ["softmax over a map's channels", of("Activation", { activation: "softmax" }), "softmax over the channels of a map"],
  ["a leaky ReLU", of("ReLU", { negative_slope: 0.1 }), "negative_slope: expected 0, got 0.1"],
  [
    "quantized weights",
    of("Conv2D", { ...conv, dtype: "int8_from_float32" }),
    "dtype: expected float32 or one of float16",
  ],
  ["another axis", of("BatchNormalization", { axis: 1 }), "axis 1, expected the channels, 3"],
  ["a normalization without scale", of("BatchNormalization", { scale: false }), "scale: expected true, got false"],
  ["an inverted normalization", of("Normalization", { invert: true }), "invert: expected false, got true"],
  ["half of the statistics", of("Normalization", { mean: [1, 2, 3] }), "expected mean and variance, or neither"],
  ["statistics of other channels", of("Normalization", { mean: [1, 2], variance: [1, 2] }), "do not broadcast"],
  [
    "statistics per pixel",
    of("Normalization", { mean: [[1], [2]], variance: 1 }),
    "expected one number, or one per channel",
  ],
  ["a scale that is none", of("Rescaling", { scale: null }), "scale: expected one number, or one per channel"],
  ["a million scales", of("Rescaling", { scale: Array(10 ** 6).fill(1) }), "expected one number, or one per channel"],
  ["a dropout of everything", of("Dropout", { rate: 1 }), "rate: expected <1, got 1"],
  ["noise along one axis", of("Dropout", { rate: 0.5, noise_shape: [null, 1, 1, 3] }), "noise_shape: expected none"],
  ["a reshape of other volume", of("Reshape", { target_shape: [5] }), "from or to a map of more than one pixel"],
  ["a reshape that moves values", of("Reshape", { target_shape: [192] }), "values would have to change places"],
  ["a dense layer on a map", of("Dense", { units: 3 }), "expected [N, inputs]: pool or flatten the map first"],
  ["a flattened map as output", of("Flatten", {}), "expected a dense layer to read it, got the model's output"],
  ["a function of TensorFlow", of("TFOpLambda", { function: "io.read_file" }), "function: expected ("],
  ["a product of nothing", of("TFOpLambda", { function: "math.multiply" }), "multiply: expected x and one number"],
  [
    "a division by 0",
    of("TFOpLambda", { function: "math.truediv" }, { inbound_nodes: [["in", 0, 0, { y: 0 }]] }),
    "divide: the result is not finite",
  ],

  [
    "code in the file",
    of("Lambda", { function: { class_name: "__lambda__", config: { code: "4wEAAA==" } } }),
    '"x" (Lambda): is Python code inside the file; grayling runs no code from a file',
  ],
  [
    "a class of somebody's",
    of("Conv2D", conv, { registered_name: "Custom>Conv2D" }),
    'a class of somebody\'s own, "Custom>Conv2D"',
  ],
  ["a module of somebody's", of("Conv2D", conv, { module: "os.path" }), 'a class of somebody\'s own, "os.path"'],
  [
    "an unknown class",
    of("MaxPooling2D", {}),
    '"x" (MaxPooling2D): grayling does not represent this class, expected one of',
  ],
  ["a class of every object", of("constructor", {}), '"x" (constructor): grayling does not represent this class'],
  ["a class named __proto__", of("__proto__", {}), '"x" (__proto__): grayling does not represent this class'],
  ["a name with a path", of("ReLU", {}, { name: "../x" }), 'expected 1 to 200 printable characters without "/"'],
  [
    "a name that steers a terminal",
    of("Lambda", {}, { name: "\u001b[2J\n\u202ex" }),
    'expected 1 to 200 printable characters without "/", got "\\u001b[2J\\n?x"',
  ],
  ["a class with a long name", of("A".repeat(150), {}), `${"A".repeat(98)}…)`],
];

describe("a description that is not one of a network", () => {
  it.each(refused)("is refused: %s", (_, config, message) => {
    let error: unknown;
    try {
      readKerasConfig(config);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(WeightsError);
    const { message: got } = error as Error; // just checked
    expect(got).toContain(message);
    expect(got).toMatch(/^Keras model: [^\p{C}]+$/u); // one line, printable
    expect(got.length).toBeLessThan(400);
  });

  it("changes no object's prototype, whatever its layers are called", () => {
    const text = JSON.stringify(of("ReLU", {}, { name: "PROTO", inbound_nodes: call("in") })).replace('"x"', '"PROTO"');
    const config = JSON.parse(
      text.replaceAll("PROTO", "__proto__").replace('"config":{}', '"config":{"__proto__":{"polluted":1}}'),
    );
    expect(readKerasConfig(config).graph.outputs).toEqual(["__proto__"]);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it("tells a constant minus a map from a map minus a constant", () => {
    const between = (class_name: string, ...args: readonly Json[]) =>
      of(class_name, {}, { module: "keras.src.ops.numpy", inbound_nodes: [{ args, kwargs: {} }] });
    const attrs = (config: Json) => readKerasConfig(config).graph.nodes.get("x")!.attrs;
    expect(attrs(between("Subtract", tensor("in"), 255))).toEqual({ scale: [1], offset: [-255] });
    expect(attrs(between("Subtract", 255, tensor("in")))).toEqual({ scale: [-1], offset: [255] });
    expect(attrs(between("Divide", tensor("in"), 2))).toEqual({ scale: [0.5], offset: [0] });
    expect(() => attrs(between("Divide", 2, tensor("in")))).toThrow("divide: expected x first, got a constant");
  });

  it("is refused before it takes memory where it spreads a number over a million channels", () => {
    const wide = layer("Conv2D", { filters: 2 ** 20, kernel_size: 1 }, { name: "wide" });
    const normalization = layer("Normalization", { mean: 0, variance: 1 }, { inbound_nodes: call("wide") });
    const read = () => readKerasConfig(functional([input, wide, normalization]));
    expect(read).toThrow("1048576 channels, expected at most 4096");
  });

  it("is refused where a layer or the model reads more tensors than any network's", () => {
    const many = Array(65).fill(["in", 0, 0]);
    expect(() => readKerasConfig(functional([input, relu], { input_layers: many }))).toThrow("65 tensors, expected");
    expect(() => readKerasConfig(of("Add", {}, { inbound_nodes: [many] }))).toThrow("65 tensors, expected at most 64");
  });

  it("is read in a moment even if 4,000 layers stand in the wrong order", () => {
    const chain = Array.from({ length: 4000 }, (_, n) =>
      layer("ReLU", {}, { name: n === 3999 ? "x" : `r${n}`, inbound_nodes: call(n === 0 ? "in" : `r${n - 1}`) }),
    );
    const start = performance.now();
    expect(readKerasConfig(functional([input, ...chain.reverse()])).graph.nodes.size).toBe(4001);
    expect(performance.now() - start).toBeLessThan(2000); // it takes 0.1 s on an idle machine
  });
});
