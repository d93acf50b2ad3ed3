import { describe, expect, it } from "vitest";
import { WeightsError } from "../errors.js";
import { sizeOf, type Tensor } from "../graph/tensor.js";
import { fromKeras, toKeras, toKerasShape } from "./layout.js";

/** Every value is its own index. */
const counting = (...shape: number[]): Tensor => ({
  shape,
  data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => i),
});

describe("layout", () => {
  it("takes a convolution's kernel from HWIO to OIHW", () => {
    const [height, width, inputs, outputs] = [2, 3, 4, 5];
    const { shape, data } = fromKeras("Conv2D", "kernel", counting(height, width, inputs, outputs));
    expect(shape).toEqual([5, 4, 2, 3]);
    for (let o = 0; o < outputs; o++)
      for (let i = 0; i < inputs; i++)
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++)
            expect(data[((o * inputs + i) * height + y) * width + x]).toBe(
              ((y * width + x) * inputs + i) * outputs + o,
            );
  });

  it("takes a depthwise kernel from (h, w, C, 1) to [C, 1, h, w]", () => {
    const { shape, data } = fromKeras("DepthwiseConv2D", "kernel", counting(1, 2, 3, 1));
    expect({ shape, data: [...data] }).toEqual({ shape: [3, 1, 1, 2], data: [0, 3, 1, 4, 2, 5] });
  });

  it.each(["mean", "variance"])("gives Normalization's %s the axes that broadcast over NCHW", (variable) => {
    expect(fromKeras("Normalization", variable, counting(3))).toEqual({ ...counting(3), shape: [1, 3, 1, 1] });
  });

  it.each([
    ["Conv2D", "bias", [4]],
    ["Dense", "kernel", [4, 3]],
    ["Normalization", "count", []],
    ["BatchNormalization", "moving_variance", [4]],
    ["constructor", "name", [2, 2]],
  ])("leaves %s's %s as it is", (className, variable, shape) => {
    const tensor = counting(...shape);
    expect(fromKeras(className, variable, tensor)).toBe(tensor);
    expect(toKeras(className, variable, tensor)).toBe(tensor);
    expect(toKerasShape(className, variable, shape)).toBe(shape);
  });

  it.each([
    ["Conv2D", "kernel", [3, 5, 2, 4]],
    ["Conv2D", "kernel", [1, 1, 0, 4]],
    ["DepthwiseConv2D", "kernel", [5, 3, 4, 1]],
    ["Normalization", "mean", [3]],
  ])("comes back to Keras' %s %s %j exactly", (className, variable, shape) => {
    const tensor = counting(...shape);
    const ours = fromKeras(className, variable, tensor);
    expect(toKeras(className, variable, ours)).toEqual(tensor);
    expect(toKerasShape(className, variable, ours.shape)).toEqual(shape);
  });

  it("refuses another number of axes", () => {
    expect(() => fromKeras("Conv2D", "kernel", counting(3, 4))).toThrow(WeightsError);
    expect(() => fromKeras("Conv2D", "kernel", counting(3, 4))).toThrow(
      "Conv2D kernel: expected 4 axes, got 2: [3, 4]",
    );
    expect(() => toKerasShape("Normalization", "mean", [3])).toThrow("Normalization mean: expected 4 axes, got 1: [3]");
  });
});
