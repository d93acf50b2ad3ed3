import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError, SeededRandom } from "@grayling/core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OrtRuntime } from "../runtime/ort-runtime.js";
import { madeInspection } from "../testing/made-inspection.js";
import { alikeFindings } from "./alike-findings.js";
import { type Alike, findAlike, leastOfClass } from "./alike-pictures.js";
import { checkFolder } from "./check-folder.js";
import { nearDuplicates } from "./duplicate-groups.js";
import { groupList } from "./group-list.js";

const runtime = new OrtRuntime();
let folder: string;
let root: string;

/** A surface with spots of its own, as gray levels by place, 0–1. */
function surface(seed: number) {
  const random = new SeededRandom(seed, "surface");
  const [ground, slope] = [80 + random.integer(120), 60 * random.next()];
  const spots = Array.from({ length: 12 }, () => {
    return { x: 1.4 * random.next(), y: random.next(), r: 0.02 + 0.1 * random.next(), level: random.integer(256) };
  });
  return (x: number, y: number) => {
    const spot = spots.find((one) => (one.x - x) ** 2 + (one.y - y) ** 2 < one.r ** 2);
    return spot?.level ?? ground + slope * y;
  };
}

const side = 160;

async function write(name: string, level: (x: number, y: number) => number): Promise<void> {
  const values = Uint8Array.from({ length: side * side }, (_, i) =>
    level((i % side) / side, Math.floor(i / side) / side),
  );
  const raw = { width: side, height: side, channels: 1 } as const;
  await writeFile(join(root, name), await sharp(values, { raw }).toColourspace("b-w").png().toBuffer());
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling alike ü-"));
  root = join(folder, "parts");
  for (const label of ["flawed", "sound"]) {
    await mkdir(join(root, label), { recursive: true });
    for (let i = 0; i < leastOfClass + 2; i++) {
      const seed = label === "sound" ? i : 100 + i;
      await write(`${label}/${seed}.png`, surface(seed));
    }
  }
  const [shifted, mirrored] = [surface(3), surface(107)];
  await write("sound/shifted.png", (x, y) => shifted(x + 0.08, y));
  await write("flawed/mirrored.png", (x, y) => mirrored(1 - x, y));
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

describe("pictures that look alike to a network", () => {
  it("are shots that overlap and mirrored copies, which pixels do not tell, with features that are kept", async () => {
    const cache = join(folder, "cache");
    let computed = 0;
    const onProgress = () => void computed++;
    const { inspection, findings, alike } = await checkFolder(root, { features: { runtime, cache, onProgress } });
    expect(nearDuplicates(inspection)).toEqual([]);
    const names = alike!.pairs.map(({ files }) => files.map(({ relative }) => relative));
    expect(names.toSorted()).toEqual([
      ["flawed/107.png", "flawed/mirrored.png"],
      ["sound/3.png", "sound/shifted.png"],
    ]);
    expect(findings.map(({ check }) => check)).toContain("alike-to-network");
    expect(computed).toBeGreaterThan(1);
    expect(await readdir(join(cache, "features"))).toHaveLength(1);
    // Both of a pair are one group of the list.
    const { csv, groups, sources } = groupList(inspection, join(folder, "groups.csv"), alike);
    expect(csv).toContain("parts/sound/shifted.png,sound,sound/3.png");
    expect(groups).toBe(2 * (leastOfClass + 2));
    expect(sources).toContain("what looks alike to a network");
  });

  it("are looked for where a class has enough of them", async () => {
    const few = madeInspection(Array.from({ length: leastOfClass - 1 }, (_, i) => ({ relative: `a/${i}.png` })));
    const looking = findAlike(few, { runtime });
    await expect(looking).rejects.toThrow(InputError);
    await expect(looking).rejects.toThrow("features: expected a class of at least 20 different pictures, got none");
  });

  it.each([
    ["a/1.png", "a/2.png", "warning", "1 pair, of 9 pictures"],
    ["a/1.png", "b/2.png", "warning", "1 pair, 1 in two classes, of 9 pictures"],
    ["train/a/1.png", "val/a/2.png", "problem", "1 pair, 1 on two sides of the split, of 9 pictures"],
  ])("%s and %s are a finding", (first, second, severity, title) => {
    const { files } = madeInspection([{ relative: first }, { relative: second }]);
    const pair = { files: files as unknown as Alike["pairs"][number]["files"], cosine: 0.97, ratio: 0.251 }; // both readable
    const [finding] = alikeFindings({ pictures: 9, pairs: [pair] });
    expect(finding).toMatchObject({ severity, title: expect.stringContaining(title) });
    expect(finding!.groups[0]![1]).toMatchObject({
      detail: "cosine 0.970, 0.25 of the distance to the next",
      suggestion: `decide: looks as ${first} to a network; keep both on one side`,
    });
  });

  it("are a note where there are none", () => {
    expect(alikeFindings({ pictures: 50, pairs: [] })).toMatchObject([{ severity: "note", groups: [] }]);
  });
});
