import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { sharedFolder } from "../testing/shared-folder.js";
import { modelsWithOfficialWeights, officialWeights } from "./official-weights.js";

/** Written by Keras itself: `official-weights.json` of the recorded truth, copied. */
const fixture = repositoryFolder("fixtures", "keras", "official-weights.json");

interface Recorded {
  readonly baseUrl: string;
  readonly top: { readonly file: string; readonly md5: string };
  readonly notop: { readonly file: string; readonly md5: string };
}

/** `EfficientNetV2B0` → `efficientnet-v2-b0`. */
function ourName(kerasName: string): string {
  return kerasName
    .replace("EfficientNetV2", "efficientnet-v2-")
    .replace("EfficientNetB", "efficientnet-b")
    .toLowerCase();
}

it("has the address, file name and md5 of both files of all fifteen Keras models, as recorded from Keras", () => {
  const recorded: Record<string, Recorded> = JSON.parse(readFileSync(fixture, "utf8"));
  expect(Object.keys(recorded)).toHaveLength(15);
  expect(modelsWithOfficialWeights).toEqual(Object.keys(recorded).map(ourName));
  for (const [kerasName, { baseUrl, top, notop }] of Object.entries(recorded)) {
    for (const [includeTop, { file, md5 }] of [
      [true, top],
      [false, notop],
    ] as const) {
      expect(officialWeights(ourName(kerasName), { includeTop })).toEqual({ url: baseUrl + file, file, md5 });
    }
  }
});

it("is tested against a copy of the recorded truth", (context) => {
  const path = sharedFolder("golden", "official-weights.json");
  if (path === undefined) return context.skip("no shared/golden/official-weights.json beside the repository");
  expect(JSON.parse(readFileSync(fixture, "utf8"))).toEqual(JSON.parse(readFileSync(path, "utf8")));
});

it("gives each of the thirty files its own address and a well-formed md5", () => {
  const all = modelsWithOfficialWeights.flatMap((model) =>
    [true, false].map((includeTop) => officialWeights(model, { includeTop })),
  );
  expect(all).toHaveLength(30);
  expect(new Set(all.map((weights) => weights?.url)).size).toBe(30);
  expect(new Set(all.map((weights) => weights?.md5)).size).toBe(30);
  for (const weights of all) expect(weights?.md5).toMatch(/^[0-9a-f]{32}$/);
});

it("answers undefined for the Lite models and for names that no model has", () => {
  for (const model of ["efficientnet-lite0", "efficientnet-b8", "constructor", ""]) {
    expect(officialWeights(model, { includeTop: true })).toBeUndefined();
  }
});
