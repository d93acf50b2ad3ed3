import { decodeSummary, encode, GraphBuilder, InputError, inference, lower, WeightsError } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { type ModelMetadata, readMetadata, writeMetadata } from "./model-metadata.js";

const metadata: ModelMetadata = {
  version: "0.1.0",
  backbone: "efficientnet-lite0",
  weights: "ImageNet, bundled",
  head: 'flatten dense(4,"relu")',
  classes: ["größer, als", 'a "b"', "\n", "猫"],
  preprocessing: {
    height: 33,
    width: 46,
    fit: "letterbox",
    interpolation: "nearest",
    window: { kind: "values", low: -20.5, high: 3980 },
    samples: ["int16"],
  },
  judgement: { temperature: 1, thresholds: [] },
};

interface Classifier {
  readonly height?: number;
  readonly classes?: number;
  readonly input?: string;
  readonly output?: string;
}

/** [N, 1, height, 46] → [N, classes]: the ends of a classifier, with next to nothing between them. */
function classifier({ height = 33, classes = 4, input = "input_layer", output = "predictions" }: Classifier = {}) {
  const net = new GraphBuilder();
  net.add("Input", input, [], { shape: ["N", 1, height, 46] });
  net.add("Weight", "kernel", [], { shape: [1, classes], trainable: true });
  net.add("Weight", "bias", [], { shape: [classes], trainable: true });
  net.add("GlobalAveragePool", "pool", [input], {});
  net.add("Flatten", "flat", ["pool"], {});
  const graph = net.build([net.add("Gemm", output, ["flat", "kernel", "bias"], { transA: 0, transB: 0 })]);
  const [kernel, bias] = [new Float32Array(classes), new Float32Array(classes)];
  const weights = new Map([
    ["kernel", { shape: [1, classes], data: kernel }],
    ["bias", { shape: [classes], data: bias }],
  ]);
  return lower({ graph, weights }, inference);
}

const summaryOf = (entries: Readonly<Record<string, string>>, shape: Classifier = {}) =>
  decodeSummary(encode(classifier(shape), entries), "model.onnx");

function failure(entries: Readonly<Record<string, string>>, shape: Classifier = {}): Error {
  try {
    readMetadata(summaryOf(entries, shape), "runs/a/model.onnx");
  } catch (error) {
    return error as Error;
  }
  return new Error("it was read");
}

describe("metadata of a model", () => {
  it("comes back from an ONNX file as it was written, whatever the classes are called", () => {
    expect(readMetadata(summaryOf(writeMetadata(metadata)), "model.onnx")).toEqual(metadata);
  });

  it("tells those who open the file elsewhere what to feed it", () => {
    const { input, preprocessing, classes } = writeMetadata(metadata);
    expect(input).toBe(
      "float32 [N, 1, height, width], gray levels 0-255 (the files' values by preprocessing.window); the network does the rest",
    );
    expect(JSON.parse(preprocessing!)).toEqual({
      height: 33,
      width: 46,
      fit: "letterbox",
      interpolation: "nearest",
      window: "-20.5:3980",
      samples: ["int16"],
    });
    expect(JSON.parse(classes!)).toEqual(metadata.classes);
  });

  it("of a model from before there were windows is that of a full one, antialiased", () => {
    const old = { ...writeMetadata(metadata), preprocessing: '{"height":33,"width":46,"fit":"crop"}' };
    const { preprocessing } = readMetadata(summaryOf(old), "model.onnx");
    expect(preprocessing).toEqual({ height: 33, width: 46, fit: "crop", window: { kind: "full" } });
  });

  it("is not that of an ONNX file that something else wrote", () => {
    for (const entries of [{}, { producer: "x", classes: '["a","b"]' }]) {
      const error = failure(entries);
      expect(error).toBeInstanceOf(InputError);
      expect(error.message).toMatch(/^runs\/a\/model\.onnx: not a classifier that grayling trained[ :(].*$/);
    }
  });

  it("is not that of a file that is no ONNX file", () => {
    for (const bytes of [Uint8Array.of(), Uint8Array.of(255, 255, 255), new TextEncoder().encode("hello, model")]) {
      expect(() => readMetadata(decodeSummary(bytes, "x.onnx"), "x.onnx")).toThrow(WeightsError);
      expect(() => readMetadata(decodeSummary(bytes, "x.onnx"), "x.onnx")).toThrow(/^x\.onnx: not an ONNX file/);
    }
  });

  const preprocessing = (value: unknown) => ({ preprocessing: JSON.stringify(value) });
  it.each([
    ["classes that are no JSON", { classes: "disc, stripes" }, "classes: is not JSON"],
    ["one class", { classes: '["disc"]' }, "classes: "],
    ["classes that are no names", { classes: "[1, 2]" }, "classes.0: "],
    ["classes that are no list", { classes: '{"length": 4}' }, "classes: "],
    ["preprocessing that is no JSON", { preprocessing: "{" }, "preprocessing: is not JSON"],
    ["a height of 0", preprocessing({ height: 0, width: 46, fit: "crop" }), "preprocessing.height: "],
    ["a height that is text", preprocessing({ height: "33", width: 46, fit: "crop" }), "preprocessing.height: "],
    ["half a pixel", preprocessing({ height: 33.5, width: 46, fit: "crop" }), "preprocessing.height: "],
    ["no width", preprocessing({ height: 33, fit: "crop" }), "preprocessing.width: "],
    [
      "an unknown window",
      preprocessing({ height: 33, width: 46, fit: "crop", window: "some" }),
      'preprocessing.window: window "some": expected full',
    ],
    [
      "a window of other images",
      preprocessing({ height: 33, width: 46, fit: "crop", window: "p1-p99" }),
      'preprocessing.window: window "p1-p99": expected one that needs no other images',
    ],
    [
      "unknown samples",
      preprocessing({ height: 33, width: 46, fit: "crop", samples: ["uint9"] }),
      "preprocessing.samples.0: ",
    ],
    [
      "an unknown interpolation",
      preprocessing({ height: 33, width: 46, fit: "crop", interpolation: "area" }),
      "preprocessing.interpolation: ",
    ],
    ["an unknown fit", preprocessing({ height: 33, width: 46, fit: "squash" }), "preprocessing.fit: "],
  ])("with %s is refused in one line that names the key", (_, changed, message) => {
    const error = failure({ ...writeMetadata(metadata), ...changed });
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain(`not a classifier that grayling trained (metadata ${message}`);
    expect(error.message).not.toContain("\n");
  });

  it.each([
    ["size", { height: 34 }],
    ["number of classes", { classes: 3 }],
    ["input's name", { input: "image" }],
    ["output's name", { output: "probabilities" }],
  ])("that is not the graph's %s is refused as damaged", (_, shape) => {
    const error = failure(writeMetadata(metadata), shape);
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(/^runs\/a\/model\.onnx: damaged, expected .*, got .*/);
  });
});
