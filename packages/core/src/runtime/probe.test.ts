import { describe, expect, it } from "vitest";
import { directRuntime } from "../testing/direct-runtime.js";
import { probeBlock } from "./probe.js";
import type { Runtime } from "./session.js";

describe("probeBlock", () => {
  it("finds blocks of 8 or 16 channels in ONNX Runtime for Node on x86", async (context) => {
    if (process.arch !== "x64")
      return context.skip(`blocked operators are only promised on x64, this is ${process.arch}`);
    expect([8, 16]).toContain(await probeBlock(directRuntime));
  });

  it("answers undefined for a runtime that does not know the operators", async () => {
    const other: Runtime = { open: () => Promise.reject(new Error("ReorderInput is not a registered function/op")) };
    expect(await probeBlock(other)).toBeUndefined();
  });

  it("answers undefined where the operators compute something else", async () => {
    const wrong: Runtime = {
      async open(model) {
        const session = await directRuntime.open(model);
        return {
          ...session,
          run: async (feeds) => {
            const outputs = await session.run(feeds);
            for (const { data } of Object.values(outputs)) data[0]! += 1;
            return outputs;
          },
        };
      },
    };
    expect(await probeBlock(wrong)).toBeUndefined();
  });
});
