import colors from "picocolors";
import { describe, expect, it } from "vitest";
import { type Explanation, explain } from "../explain/explain.js";
import { openExplained } from "../explain/open-explained.js";
import { noisePlane } from "../images/read-plane.js";
import { OrtRuntime } from "../runtime/ort-runtime.js";
import { createProgress } from "../terminal/progress.js";
import type { Console } from "./console.js";
import { inJson, printExplanation } from "./explain-report.js";

const size = { height: 64, width: 64 };

async function explainOnce(name: "efficientnet-b0" | "efficientnet-v2-s"): Promise<Explanation> {
  const runtime = new OrtRuntime();
  try {
    const backbone = await openExplained(name, { ...size, weights: "random" });
    return await explain(runtime, backbone, noisePlane(size, 0), { image: "noise" });
  } finally {
    await runtime.close();
  }
}

const b0 = await explainOnce("efficientnet-b0");
const v2s = await explainOnce("efficientnet-v2-s");

function printed(explanation: Explanation, width: number, isFull = false): string[] {
  const lines: string[] = [];
  const console: Console = {
    print: (line = "") => void lines.push(line),
    note: () => {},
    progress: createProgress(process.stderr),
    colors: colors.createColors(false),
    signal: new AbortController().signal,
    cache: "",
  };
  printExplanation(explanation, { width, isFull }, console);
  return lines;
}

describe("printExplanation", () => {
  it.each([80, 120])("stays within %i columns, commands to copy apart", (width) => {
    for (const explanation of [b0, v2s]) {
      const wide = printed(explanation, width).filter((line) => line.length > width && !line.startsWith("  $ "));
      expect(wide).toEqual([]);
    }
  });

  it("begins with the answer, and shows where one channel becomes three", () => {
    const lines = printed(b0, 120);
    expect(lines[0]).toMatch(/^EfficientNetB0, built for 3 channels, takes 1-channel images/);
    expect(lines.filter((line) => line.includes("1 → 3"))).toEqual([
      expect.stringMatching(/^normalization .*\(None, 64, 64, 3\)/),
    ]);
    expect(lines).toContain("− mean     1   1   1  3  [0.485, 0.456, 0.406]");
    expect(lines).toContain("Equal up to float32 rounding.");
  });

  it("ends the layers where Keras refuses, in Keras' words", () => {
    const text = printed(v2s, 120).join("\n");
    expect(text).toMatch(/stem_conv {4}Conv2D {6}✗ refused/);
    expect(text).toMatch(/to have value 3, but received input\s+with shape \(1, 64, 64, 1\)/);
    expect(text).not.toContain("stem_bn ");
  });

  it("puts a stage on one line, unless asked for every layer", () => {
    const [brief, full] = [printed(b0, 120), printed(b0, 120, true)];
    expect(brief.filter((line) => line.startsWith("block"))).toHaveLength(7);
    expect(full.filter((line) => line.startsWith("block"))).toHaveLength(227);
  });
});

describe("inJson", () => {
  it("holds trace, numbers, proof and words", () => {
    const parsed = JSON.parse(inJson(v2s));
    expect(parsed).toMatchObject({
      answer: expect.stringContaining("its kernel (3, 3, 3, 24) needs 3 channels"),
      trace: { failure: { name: "stem_conv", expectedChannels: 3, gotChannels: 1 } },
      pixel: { steps: [{ layer: "rescaling" }] },
      proof: { isEqual: true },
    });
    expect(parsed.advice).toHaveLength(3);
  });
});
