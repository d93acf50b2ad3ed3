import { encode, GraphBuilder, InputError, inference, lower } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { hasCudaLibraries } from "./cuda.js";
import { explainDevice } from "./explain-device.js";
import { devices, openRuntime } from "./open-runtime.js";

const feeds = { x: { shape: [1, 2], data: Float32Array.of(-1, 3) } };

function reluModel(): Uint8Array {
  const net = new GraphBuilder();
  net.add("Input", "x", [], { shape: ["N", 2] });
  return encode(lower({ graph: net.build([net.add("Relu", "y", ["x"], {})]), weights: new Map() }, inference));
}

/** What two sessions give on a device, and what was said. */
async function tryDevice(device: string) {
  const messages: string[] = [];
  const runtime = openRuntime({ device, threads: 1, onFallback: (message) => messages.push(message) });
  const results: number[][] = [];
  for (let i = 0; i < 2; i++) {
    const session = await runtime.open(reluModel());
    results.push([...(await session.run(feeds))["y"]!.data]);
  }
  const used = runtime.device;
  await runtime.close();
  return { used, messages, results };
}

describe("opening a runtime", () => {
  it("names the devices when one is asked for that does not exist", () => {
    const open = () => openRuntime({ device: "gpu", onFallback: () => {} });
    expect(open).toThrow(InputError);
    expect(open).toThrow('device "gpu": expected one of auto, cpu, webgpu, cuda, coreml, dml');
  });

  it("takes the CPU without a word", async () => {
    expect(await tryDevice("cpu")).toEqual({
      used: "cpu",
      messages: [],
      results: [
        [0, 3],
        [0, 3],
      ],
    });
  });

  it("falls back once, whatever is opened at the same time, and keeps every session that it gave", async () => {
    const messages: string[] = [];
    // A provider that no system has: Core ML is macOS', DirectML is Windows'.
    const device = process.platform === "darwin" ? "dml" : "coreml";
    const runtime = openRuntime({ device, threads: 1, onFallback: (message) => messages.push(message) });
    const sessions = await Promise.all([1, 2, 3].map(() => runtime.open(reluModel())));
    const results = await Promise.all(sessions.map((session) => session.run(feeds)));
    expect(results.map((result) => [...result["y"]!.data])).toEqual([1, 2, 3].map(() => [0, 3]));
    expect(messages).toHaveLength(1);
    await runtime.close();
  });

  it("does not fall back where the CPU itself cannot open a model", async () => {
    const messages: string[] = [];
    const runtime = openRuntime({ device: "cpu", onFallback: (message) => messages.push(message) });
    await expect(runtime.open(Uint8Array.of(1, 2, 3))).rejects.toThrow("ONNX Runtime: ");
    await runtime.close();
    expect(messages).toEqual([]);
  });

  it.each(devices.filter((device) => device !== "cpu" && device !== "auto"))(
    "computes on %s, or says once, in one line, why it goes on with the CPU",
    async (device) => {
      const { used, messages, results } = await tryDevice(device);
      expect(results).toEqual([
        [0, 3],
        [0, 3],
      ]);
      if (used === device) return expect(messages).toEqual([]);
      expect(used).toBe("cpu");
      expect(messages).toHaveLength(1);
      expect(messages[0]).toMatch(new RegExp(`^device ${device}: [^\\n]{10,200}; going on with the CPU$`));
      expect(messages[0]).not.toMatch(/\.cc|\/onnxruntime\//); // no source files of ONNX Runtime
    },
  );

  it("chooses CUDA for auto only where its libraries are installed", async (context) => {
    if (hasCudaLibraries())
      return context.skip("CUDA's libraries are installed here: whether they work is the machine's");
    expect(await tryDevice("auto")).toEqual({
      used: "cpu",
      messages: [],
      results: [
        [0, 3],
        [0, 3],
      ],
    });
  });
});

describe("explaining why a device cannot be used", () => {
  it("keeps to one line of bounded length, whatever the message", () => {
    expect(explainDevice(new Error(`first\nsecond`))).toBe("first");
    expect(explainDevice("x".repeat(1000))).toHaveLength(200);
  });
});
