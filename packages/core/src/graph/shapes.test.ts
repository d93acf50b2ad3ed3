import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { GraphError } from "../errors.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { GraphBuilder, type Shape } from "./graph.js";
import type { ConvAttrs, Op, Ops } from "./ops.js";

/** As ONNX's own shape inference gives them; recorded by `make.py` beside the file. */
interface Recorded {
  readonly op: Op;
  readonly attrs: Ops[Op];
  readonly inputs: readonly Shape[];
  readonly output: Shape;
}
const recorded: readonly Recorded[] = JSON.parse(
  readFileSync(repositoryFolder("fixtures", "shapes", "shapes.json"), "utf8"),
);

/** The shape of one node named "node" that reads inputs of these shapes. */
function traced<K extends Op>(op: K, attrs: Ops[K], inputs: readonly Shape[]): Shape {
  const net = new GraphBuilder();
  const names = inputs.map((shape, i) => net.add("Input", `x${i}`, [], { shape }));
  return net.shape(net.add(op, "node", names, attrs));
}

const conv: ConvAttrs = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 };
const image = ["N", 3, 8, 9] as const;

describe("shape rules", () => {
  it.each([...new Set(recorded.map(({ op }) => op))])("give what ONNX infers: %s", (name) => {
    const cases = recorded.filter(({ op }) => op === name);
    for (const { op, attrs, inputs, output } of cases) {
      expect(traced(op, attrs, inputs), JSON.stringify({ attrs, inputs })).toEqual(output);
    }
  });

  // What ONNX does not have, or not as one operator.
  it.each<[Op, Ops[Op], readonly Shape[], Shape]>([
    ["Rescaling", { scale: [2], offset: [0] }, [image], image],
    ["Rescaling", { scale: [1], offset: [1, 2, 3] }, [["N", 1, 8, 9]], image],
    ["Rescaling", { scale: [1, 2, 3], offset: [0] }, [["N", 1, 8, 9]], image],
    ["Normalization", {}, [image, [1, 3, 1, 1], [1, 3, 1, 1], []], image],
    ["Normalization", {}, [["N", 1, 8, 9], [1, 3, 1, 1], [1, 3, 1, 1], []], image],
    ["OnesPlane", {}, [image], ["N", 1, 8, 9]],
    ["OnesPlane", {}, [[2, 1, 3, 4]], [2, 1, 3, 4]],
    ["Silu", {}, [image], image],
    ["Dropout", { rate: 0.2, noise: "sample" }, [image], image],
    ["Constant", { shape: [], value_floats: [1] }, [], []],
    ["Weight", { shape: [3, 4], trainable: true }, [], [3, 4]],
    ["SoftmaxCrossEntropy", {}, [["N", 4], ["N", 4], []], []],
    ["SoftmaxCrossEntropyGrad", {}, [["N", 4], ["N", 4], []], ["N", 4]],
    ["ReluGrad", {}, [image, image], image],
    ["ClipGrad", { min: 0, max: 6 }, [image, image], image],
    ["SigmoidGrad", {}, [image, image], image],
    ["TanhGrad", {}, [image, image], image],
    ["SiluGrad", {}, [image, image, image], image],
  ])("give our own operators their shape: %s %j %j", (op, attrs, inputs, output) => {
    expect(traced(op, attrs, inputs)).toEqual(output);
  });

  it.each<[Op, Ops[Op], readonly Shape[], string]>([
    [
      "Conv",
      conv,
      [
        ["N", 1, 9, 9],
        [32, 3, 3, 3],
      ],
      "kernel [32, 3, 3, 3], group 1 needs 3 channels, got 1",
    ],
    ["Conv", { ...conv, group: 4 }, [image, [4, 1, 3, 3]], "kernel [4, 1, 3, 3], group 4 needs 4 channels, got 3"],
    ["Conv", { ...conv, group: 3 }, [image, [4, 1, 3, 3]], "kernel [4, 1, 3, 3]: expected a multiple of 3 filters"],
    ["Conv", conv, [image, [3, 3]], "expected a kernel [M, C, k, k], got [3, 3]"],
    [
      "Conv",
      conv,
      [
        ["N", 3],
        [4, 3, 1, 1],
      ],
      "expected [N, C, H, W], got [N, 3]",
    ],
    ["Conv", conv, [image, [4, 3, 3, 3], [3]], "expected bias of [4], got [3]"],
    [
      "Conv",
      conv,
      [
        ["N", 3, 2, 9],
        [4, 3, 3, 3],
      ],
      "a window of 3 does not fit into 2 padded pixels",
    ],
    ["Conv", { ...conv, dilations: [1, 5] }, [image, [4, 3, 3, 3]], "a window of 11 does not fit into 9 padded pixels"],
    [
      "BatchNormalization",
      { epsilon: 1e-3, momentum: 0.99 },
      [image, [3], [3], [3], [4]],
      "expected parameters of [3], got [4]",
    ],
    ["Rescaling", { scale: [1, 2], offset: [0] }, [image], "shapes [N, 3, 8, 9] and [1, 2, 1, 1] do not broadcast"],
    ["Normalization", {}, [image, [1, 4, 1, 1], [1, 4, 1, 1], []], "shapes [N, 3, 8, 9] and [1, 4, 1, 1] do not"],
    ["Pad", { pads: [1, 1, 1, 1] }, [["N", 3]], "expected [N, C, H, W], got [N, 3]"],
    ["Concat", { axis: 1 }, [image, ["N", 1, 8, 8]], "expected shape [N, 8, 9], got [N, 8, 8]"],
    ["Concat", { axis: 0 }, [image, image], "the concatenated axis cannot be the batch"],
    ["Concat", { axis: 4 }, [image, image], "axis 4 is none of [N, 3, 8, 9]"],
    ["Add", {}, [image, ["N", 2, 8, 9]], "shapes [N, 3, 8, 9] and [N, 2, 8, 9] do not broadcast"],
    [
      "Mul",
      {},
      [
        ["N", 3],
        [2, 3],
      ],
      "shapes [N, 3] and [2, 3] do not broadcast",
    ],
    ["Reshape", { shape: ["N", 4] }, [["N", 6]], "cannot reshape [N, 6] to [N, 4], expected as many values per sample"],
    ["Reshape", { shape: [1, 6] }, [["N", 6]], "cannot reshape [N, 6] to [1, 6]"],
    ["Flatten", {}, [[2, "N", 3]], "a counted axis cannot be the batch"],
    [
      "Gemm",
      { transA: 0, transB: 0 },
      [
        ["N", 4],
        [3, 9],
      ],
      "kernel [3, 9] needs 3 inputs, got [N, 4]",
    ],
    [
      "Gemm",
      { transA: 0, transB: 0 },
      [
        ["N", 4, 1, 1],
        [4, 9],
      ],
      "expected matrices, got [N, 4, 1, 1]",
    ],
    ["Gemm", { transA: 0, transB: 0 }, [["N", 4], [4, 9], [8]], "expected bias of [9], got [8]"],
    ["ReduceSum", { axes: [], keepdims: 0 }, [image], "expected at least one axis"],
    ["ReduceSum", { axes: [2], keepdims: 1 }, [["N", 4]], "axis 2 is none of [N, 4]"],
    ["SoftmaxCrossEntropy", {}, [["N", 4], ["N", 1], []], "expected shape [N, 4], got [N, 1]"],
    ["ReluGrad", {}, [image, ["N", 3, 1, 1]], "expected shape [N, 3, 8, 9], got [N, 3, 1, 1]"],
  ])("refuse what does not fit: %s %j %j", (op, attrs, inputs, message) => {
    const build = () => traced(op, attrs, inputs);
    expect(build).toThrow(GraphError);
    expect(build).toThrow(`node (${op}): ${message}`);
  });
});
