/** ONNX Runtime for Node in the test's own thread, as a `Runtime`. */
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { Model } from "../graph/model.js";
import type { Tensor } from "../graph/tensor.js";
import { inference } from "../lower/inference.js";
import { lower } from "../lower/lowering.js";
import { encode } from "../onnx/encode.js";
import type { NamedTensors, Runtime } from "../runtime/session.js";

export const directRuntime: Runtime = {
  async open(model) {
    const session = await InferenceSession.create(model, { logSeverityLevel: 3 });
    const bound: Record<string, OrtTensor> = {};
    return {
      bind: async (inputs) => void Object.assign(bound, ortTensors(inputs)),
      run: async (feeds) => {
        const results = await session.run({ ...bound, ...ortTensors(feeds) });
        return Object.fromEntries(
          Object.entries(results).map(([name, { dims, data }]) => [name, { shape: dims, data: data as Float32Array }]),
        );
      },
      release: () => session.release(),
    };
  },
};

const ortTensors = (tensors: NamedTensors) =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [name, new OrtTensor("float32", data, [...shape])]),
  );

/** Runs a model once and gives its outputs. */
export const runModel = (model: Model, feeds: NamedTensors): Promise<NamedTensors> =>
  runBytes(encode(lower(model, inference)), feeds);

/** Runs an ONNX file once and gives its outputs. */
export async function runBytes(onnx: Uint8Array, feeds: NamedTensors): Promise<NamedTensors> {
  const session = await directRuntime.open(onnx);
  const outputs = await session.run(feeds);
  await session.release();
  return outputs;
}

/** Gray levels as `channels` equal planes, [N, channels, H, W]. */
export function planes(
  gray: ArrayLike<number>,
  [count, height, width]: readonly [number, number, number],
  channels: number,
): Tensor {
  const pixels = height * width;
  const data = new Float32Array(count * channels * pixels);
  for (let n = 0; n < count; n++) {
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < pixels; i++) data[(n * channels + c) * pixels + i] = gray[n * pixels + i]!;
    }
  }
  return { shape: [count, channels, height, width], data };
}
