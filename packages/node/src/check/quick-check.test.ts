import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listPages } from "../dataset/list-pages.js";
import { openDataset } from "../dataset/open-dataset.js";
import { readFileHeader } from "../images/picture-header.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { sharedFolder } from "../testing/shared-folder.js";
import { inspectFolder } from "./inspect-folder.js";
import { quickCheck } from "./quick-check.js";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "grayling-quick-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(relative: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(join(root, relative)), { recursive: true });
  await writeFile(join(root, relative), bytes);
}

const noise = (width: number, height: number) =>
  sharp(
    Uint8Array.from({ length: width * height }, (_, i) => (i * 2654435761) >>> 24),
    { raw: { width, height, channels: 1 } },
  ).toColourspace("b-w");

async function quick() {
  const dataset = await openDataset(root);
  return quickCheck({ ...dataset, images: await listPages(dataset.images) });
}

const shown = (findings: Awaited<ReturnType<typeof quick>>) =>
  findings.map(({ check, severity, title }) => `${check}, ${severity}: ${title}`);

describe("a look at headers", () => {
  it("says what decoding says of size and bits, of every kind of file", async (context) => {
    const mixed = sharedFolder("data", "mixed-bits");
    if (mixed === undefined) return context.skip("no ../shared/data");
    for (const folder of [mixed, repositoryFolder("fixtures", "dicom")]) {
      const { files } = await inspectFolder(folder);
      const wrong: string[] = [];
      for (const { relative, path, page = 1, picture } of files) {
        if (picture === null) continue;
        const { content, pages } = await readFileHeader(path);
        const header = pages[content === "dicom" ? 0 : page - 1];
        const told = [header?.format, header?.width, header?.height, header?.bitDepth];
        const known = [picture.format, picture.width, picture.height, picture.bitDepth];
        if (String(told) !== String(known)) wrong.push(`${relative}: ${told}, decoded ${known}`);
      }
      expect(files.length).toBeGreaterThan(20);
      expect(wrong).toEqual([]);
    }
  });

  it("reads the three kinds of WebP, turned JPEG, and no more than a beginning of a cut file", async () => {
    await write("lossy.webp", await noise(70, 30).webp().toBuffer());
    await write("lossless.webp", await noise(71, 31).webp({ lossless: true }).toBuffer());
    await write("extended.webp", await noise(72, 32).withMetadata({ orientation: 1 }).webp().toBuffer());
    await write("turned.jpg", await noise(73, 33).withMetadata({ orientation: 6 }).jpeg().toBuffer());
    await write("cut.png", (await noise(74, 34).png().toBuffer()).subarray(0, 60));
    await write("cut.gif", (await noise(74, 34).gif().toBuffer()).subarray(0, 8));
    await write("text.png", Buffer.from("no picture"));
    const sizes: unknown[] = [];
    for (const name of [
      "lossy.webp",
      "lossless.webp",
      "extended.webp",
      "turned.jpg",
      "cut.png",
      "cut.gif",
      "text.png",
    ]) {
      const { content, pages } = await readFileHeader(join(root, name));
      sizes.push([content, pages[0]?.width, pages[0]?.height]);
    }
    expect(sizes).toEqual([
      ["webp", 70, 30],
      ["webp", 71, 31],
      ["webp", 72, 32],
      ["jpeg", 33, 73],
      ["png", 74, 34],
      ["gif", undefined, undefined],
      ["text", undefined, undefined],
    ]);
  });
});

describe("the quick check", () => {
  it("finds sizes and formats that tell the class, few images, and names of another format, worst first", async () => {
    const [small, large] = [await noise(40, 40).png().toBuffer(), await noise(64, 40).jpeg().toBuffer()];
    for (let i = 0; i < 12; i++) await write(`a/${i}.png`, small);
    for (let i = 0; i < 12; i++) await write(`b/${i}.png`, large);
    await write("c/1.jpg", large);
    await write("c/2.jpg", large.subarray(0, 100));
    expect(shown(await quick())).toEqual([
      "shortcut, problem: image size tells the class: 96.0 % right by it alone, 48.0 % by always saying the commonest class",
      "shortcut, problem: file format tells the class: 96.0 % right by it alone, 48.0 % by always saying the commonest class",
      "shortcut, warning: file size tells the class: 96.0 % right by it alone, 48.0 % by always saying the commonest class",
      "class-size, warning: classes with fewer than 10 readable pictures: c (1)",
      "class-size, warning: classes differ in size up to 12.0 times: a 12, c 1",
      "mixed-storage, note: 2 aspect ratios: 1.60 : 1 (13), 1.00 : 1 (12)",
      "wrong-extension, note: 12 files with an extension of another format: .png is jpeg (12)",
    ]);
  });

  it("finds nothing in images of one kind, and does not mind those that vanish", async () => {
    for (const name of ["a", "b"]) {
      for (let i = 0; i < 12; i++) await write(`${name}/${i}.png`, await noise(64, 64).png().toBuffer());
    }
    const dataset = await openDataset(root);
    await rm(join(root, "b/11.png"));
    expect(await quickCheck(dataset)).toEqual([]);
  });

  it("ends when it is aborted", async () => {
    for (const name of ["a", "b"]) await write(`${name}/1.png`, await noise(8, 8).png().toBuffer());
    const dataset = await openDataset(root);
    await expect(quickCheck(dataset, AbortSignal.abort())).rejects.toThrow("aborted");
  });
});
