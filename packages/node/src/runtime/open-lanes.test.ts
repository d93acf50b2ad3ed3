import { bind, efficientNet, encode, inference, initialize, lower } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { openLanes } from "./open-lanes.js";
import { openRuntime } from "./open-runtime.js";
import { OrtRuntime } from "./ort-runtime.js";

const graph = efficientNet("efficientnet-lite0", { height: 32, width: 40, includeTop: false, pooling: "avg" });
const model = encode(lower(bind(graph, initialize(graph, 1)), inference));
const [output] = graph.outputs;

/** Images of noise, in memory that threads share. */
function images(count: number) {
  const data = new Float32Array(new SharedArrayBuffer(count * 3 * 32 * 40 * 4));
  for (let i = 0; i < data.length; i++) data[i] = (i * 7919) % 256;
  return { input_layer: { shape: [count, 3, 32, 40], data } };
}

describe("sessions side by side", () => {
  it("give the bytes that one of them alone gives, whichever it is and however runs overlap", async () => {
    const [lanes, alone] = await Promise.all([openLanes(model, 3), openLanes(model, 1)]);
    const batches = [7, 1, 2, 1, 1, 9];
    const expected = [];
    for (const count of batches) expected.push(await alone.run(images(count)));
    expect(await Promise.all(batches.map((count) => lanes.run(images(count))))).toEqual(expected);
    await Promise.all([lanes.release(), alone.release()]);
  });

  it("give what a session of several threads gives, up to the order of sums", async () => {
    const runtime = new OrtRuntime({ threads: 2 });
    const [lanes, session] = await Promise.all([openLanes(model, 2), runtime.open(model)]);
    const [divided, whole] = await Promise.all([lanes.run(images(5)), session.run(images(5))]);
    const [actual, reference] = [divided[output!]!, whole[output!]!];
    expect(actual.shape).toEqual(reference.shape);
    for (const [i, value] of reference.data.entries()) expect(Math.abs(actual.data[i]! - value)).toBeLessThan(6e-5); // relu6
    await Promise.all([lanes.release(), runtime.close()]);
  });

  it("are closed when one cannot open the model", async () => {
    await expect(openLanes(Uint8Array.of(1, 2, 3), 2)).rejects.toThrow("ONNX Runtime: ");
  });

  it("are closed with the runtime that opened them", async () => {
    const runtime = openRuntime({ device: "cpu", threads: 2, onFallback: () => {} });
    const session = await runtime.openForBatches(model);
    const { [output!]: features } = await session.run(images(3));
    expect(features!.shape).toEqual([3, 1280]);
    await runtime.close();
    await expect(session.run(images(1))).rejects.toThrow("the runtime has been closed");
  });

  it("are replaced by one session where the device is no CPU, or opened where it is not there", async () => {
    const messages: string[] = [];
    const runtime = openRuntime({ device: "dml", onFallback: (message) => messages.push(message) });
    const session = await runtime.openForBatches(model);
    expect((await session.run(images(2)))[output!]!.shape).toEqual([2, 1280]);
    expect(messages).toHaveLength(runtime.device === "dml" ? 0 : 1);
    await runtime.close();
  });
});
