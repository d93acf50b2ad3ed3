import { describe, expect, it } from "vitest";
import { createFinisher } from "../images/decode.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { createFileReader, type FileReader } from "./file-reader.js";
import { type ReadImage, readChunk } from "./read-chunk.js";

const tiff = (name: string, page?: number) => ({ path: repositoryFolder("fixtures", "tiff-samples", name), page });
const decoding = { height: 5, width: 7, fit: "stretch" } as const;
const finish = createFinisher(decoding);

/** A reader that counts what it reads and decodes. */
async function countingReader() {
  const counts = { read: [] as string[], decoded: 0 };
  const { read, makePlanes, ...others } = await createFileReader({ decoding });
  const reader: FileReader = {
    read: async (paths) => {
      const files = await read(paths);
      counts.read.push(...paths.slice(0, files.length).map((path) => path.split("/").at(-1)!));
      return files;
    },
    makePlanes: async (wanted) => {
      const planes = await makePlanes(wanted);
      counts.decoded += planes.length;
      return planes;
    },
    ...others,
  };
  return { reader, counts };
}

const options = {
  finish: (bytes: Uint8Array, page: number | undefined) => finish(bytes, { page }),
  known: () => false,
  signal: undefined,
  spare: [],
};
const levelsOf = (image: ReadImage) => (image.kind === "decoded" ? [...image.image.plane] : image);

describe("a chunk of pages", () => {
  const images = [
    tiff("uint8.tif"),
    tiff("int16-pages.tif", 1),
    tiff("int16-pages.tif", 2),
    tiff("int16-pages.tif", 3),
    tiff("int16-pages.tif", 4),
    tiff("none.tif", 1),
    tiff("none.tif", 2),
    tiff("uint16.tif"),
  ];

  it("reads each file once, and gives what reading page by page gives", async () => {
    const { reader, counts } = await countingReader();
    const together = await readChunk(reader, images, options);
    expect(counts).toEqual({ read: ["uint8.tif", "int16-pages.tif", "none.tif", "uint16.tif"], decoded: 3 });
    expect(together.map(({ kind }) => kind)).toEqual(
      "decoded decoded decoded decoded skipped skipped skipped decoded".split(" "),
    );
    expect(together[4]).toEqual({ kind: "skipped", reason: "page 4 of 3: there is no such page" });
    const alone: ReadImage[] = [];
    for (const image of images) alone.push(...(await readChunk(reader, [image], options)));
    expect(together.map(levelsOf)).toEqual(alone.map(levelsOf));
    const hashes = together.flatMap((image) => ("hash" in image ? [image.hash] : []));
    expect(new Set(hashes).size).toBe(5);
    expect(hashes[2]).toBe(`${hashes[1]}#2`);
  });

  it("decodes the pages that are not known, and no file of which all are", async () => {
    const { reader, counts } = await countingReader();
    const finished: (number | undefined)[] = [];
    const known = (hash: string) => hash.endsWith("#2") || !hash.includes("#");
    const watched = {
      ...options,
      known,
      finish: (bytes: Uint8Array, page: number | undefined) => {
        finished.push(page);
        return finish(bytes, { page });
      },
    };
    const kinds = (await readChunk(reader, images, watched)).map(({ kind }) => kind);
    expect(kinds).toEqual("known known known decoded skipped skipped skipped known".split(" "));
    expect([finished, counts.decoded]).toEqual([[3, 4], 1]);
  });

  it("says of a page of a PNG that there is none, whatever the file is called", async () => {
    const { reader } = await countingReader();
    const png = { path: repositoryFolder("fixtures", "mixed-bits", "disc", "gray-8bit.png"), page: 2 };
    const [image] = await readChunk(reader, [png], options);
    expect(image).toEqual({ kind: "skipped", reason: "page 2: a file of this kind is read as one picture" });
  });
});
