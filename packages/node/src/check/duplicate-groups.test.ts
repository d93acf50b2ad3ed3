import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type LoadedSharp, loadSharp } from "../images/load-sharp.js";
import { openLevels } from "../images/open-levels.js";
import { madeInspection } from "../testing/made-inspection.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { exactDuplicates, isAcross, nearDuplicates } from "./duplicate-groups.js";
import { createPictureMeasure } from "./inspect-picture.js";
import type { Inspection, ReadablePicture } from "./inspected-file.js";

type Picture = ReturnType<LoadedSharp>;

const changes: readonly (readonly [string, (picture: Picture) => Picture])[] = [
  ["recompressed at quality 30", (picture) => picture.jpeg({ quality: 30 })],
  ["at half the size", (picture) => picture.resize({ width: 100 }).png()],
  ["darker and flatter", (picture) => picture.linear(0.5, 20).png()],
  ["blurred a little", (picture) => picture.blur(1.5).png()],
  ["of another shape", (picture) => picture.resize({ width: 150, height: 220, fit: "fill" }).png()],
];
const photographs = ["brick", "camera", "chelsea", "coffee"];

async function inspectionOf(change: (picture: Picture) => Picture): Promise<Inspection> {
  const sharp = await loadSharp();
  const measure = createPictureMeasure();
  const files: ReadablePicture[] = [];
  for (const name of photographs) {
    const original = readFileSync(repositoryFolder("fixtures", "lite0", `${name}.png`));
    for (const [kind, bytes] of [
      ["original", original],
      ["copy", await change(sharp(original).greyscale()).toBuffer()],
    ] as const) {
      const { levels, format, bitDepth } = await openLevels(bytes);
      const picture = { format, bitDepth, ...measure(levels) };
      const relative = `${kind}/${name}.png`;
      const place = { path: `/${relative}`, relative, label: kind === "copy" ? 1 : 0, split: null };
      files.push({ ...place, bytes: bytes.length, hash: relative, content: format, picture, reason: null });
    }
  }
  return { root: "/", classes: ["original", "copy"], files, ignored: 0 };
}

describe("near duplicates", () => {
  it.each(changes)("are copies %s, each with its original and no other", async (_, change) => {
    const groups = nearDuplicates(await inspectionOf(change));
    const names = groups.map(({ files }) => files.map(({ relative }) => relative));
    expect(names).toEqual(photographs.map((name) => [`original/${name}.png`, `copy/${name}.png`]));
    for (const group of groups) expect(isAcross(group, ({ label }) => label)).toBe(true);
  });

  it("are found in bounded time among 10,000 that all look alike, and among 10,000 that only share a hash", () => {
    const [file] = madeInspection([{ relative: "a/1.png" }]).files as ReadablePicture[];
    if (!file) throw new Error("made");
    const { thumbnail } = file.picture;
    const shifted = (i: number) => ({ ...thumbnail, values: thumbnail.values.map((_, k) => (k * k * (i + 1)) % 251) });
    const tenThousand = (make: (i: number) => ReadablePicture["picture"]) =>
      Array.from({ length: 10_000 }, (_, i) => ({ ...file, relative: `a/${i}.png`, hash: `${i}`, picture: make(i) }));
    const start = process.cpuUsage(); // not the clock: a busy machine is no fault
    const alike = { root: "/", classes: ["a"], files: tenThousand(() => file.picture), ignored: 0 };
    expect(nearDuplicates(alike).map(({ files }) => files.length)).toEqual([10_000]);
    const various = Array.from({ length: 251 }, (_, i) => ({ ...file.picture, thumbnail: shifted(i) }));
    const others = { ...alike, files: tenThousand((i) => various[i % 251]!) };
    expect(nearDuplicates(others).length).toBeGreaterThan(0);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(30_000); // 2 s alone
  });

  it("are not pictures with the same bytes, nor blank ones", () => {
    const inspection = madeInspection([
      { relative: "a/1.png", hash: "x", level: (x) => 255 * x },
      { relative: "a/2.png", hash: "x", level: (x) => 255 * x },
      { relative: "a/3.png", level: () => 9 },
      { relative: "a/4.png", level: () => 9 },
    ]);
    expect(nearDuplicates(inspection)).toEqual([]);
    expect(exactDuplicates(inspection).map(({ files }) => files.map(({ relative }) => relative))).toEqual([
      ["a/1.png", "a/2.png"],
    ]);
  });
});
