import { InputError } from "@grayling/core";
import { createColors } from "picocolors";
import { expect, it } from "vitest";
import type { Classifier } from "../predict/open-classifier.js";
import type { Console } from "./console.js";
import { type ClassifierFlags, withClassifier } from "./with-classifier.js";

/** What a classifier opened with these flags is, and what was noted. */
async function opened(flags: Partial<ClassifierFlags>) {
  const notes: string[] = [];
  const console: Console = {
    print: () => {},
    note: (line) => notes.push(line),
    progress: { update: () => {}, status: () => {}, finish: () => {} },
    colors: createColors(false),
    signal: new AbortController().signal,
    cache: "nowhere",
  };
  const found: Classifier[] = [];
  const all = { model: "efficientnet-lite0", device: "cpu", batch: 1, ...flags };
  await withClassifier(all, console, async (classifier) => void found.push(classifier));
  return { classifier: found[0]!, notes };
}

it("reads images with the model's own window, or with another and a warning", async () => {
  const own = await opened({});
  expect([own.classifier.window, own.notes]).toEqual([{ kind: "full" }, []]);
  const other = await opened({ window: "0:100" });
  expect(other.classifier.window).toEqual({ kind: "values", low: 0, high: 100 });
  expect(other.notes).toEqual([expect.stringMatching(/^warning: .* window 0:100, the model has learnt from full/)]);
  expect((await opened({ window: "full" })).notes).toEqual([]);
  await expect(opened({ window: "p1-p99" })).rejects.toThrow(InputError); // of which images?
});
