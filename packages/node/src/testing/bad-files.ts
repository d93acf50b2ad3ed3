/** Files that no program may read silently, and names that break programs: one table for the tests of every command. */
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { repositoryFolder } from "./repository-folder.js";

export interface BadFile {
  readonly what: string;
  /** Bytes where it is no UTF-8. */
  readonly name: string | Buffer;
  readonly content: () => Promise<Uint8Array> | Uint8Array;
  /** What is said of it, without its name; absent: it is a picture like others. */
  readonly reason?: RegExp;
}

const fixture = (name: string) => readFile(repositoryFolder("fixtures", name));

const half = async (name: string) => {
  const bytes = await fixture(name);
  return bytes.subarray(0, bytes.length >> 1);
};

const good = () => fixture("mixed-bits/disc/gray-8bit.png");

/** Bytes of no character in UTF-8, before `.png`. */
export const invalidName = Buffer.from([0x62, 0xff, 0xfe, 0x80, ...Buffer.from(".png")]);
const misnamed = /^its name is not valid UTF-8, so it cannot be opened; rename it$/;

export const badFiles: readonly BadFile[] = [
  { what: "zero bytes", name: "zero.png", content: () => new Uint8Array(), reason: /^empty file \(0 bytes\)$/ },
  {
    what: "zero bytes of DICOM",
    name: "zero.dcm",
    content: () => new Uint8Array(),
    reason: /^empty file \(0 bytes\)$/,
  },
  ...Object.entries({
    "disc/gray-8bit.png": /^truncated PNG$/,
    "disc/gray-16bit.png": /^truncated PNG$/,
    "disc/gray.jpg": /^truncated JPEG$/,
    "disc/gray-progressive.jpg": /^truncated JPEG$/,
    "disc/uint8-lzw.tif": /^truncated/,
    "disc/uint16-tiled-deflate.tif": /^truncated/,
    "disc/float32.tif": /^truncated/,
    "disc/three-pages.tif": /^truncated/,
    "disc/gray-lossless.webp": /^truncated WebP$/,
    "disc/gray.gif": /^truncated or damaged GIF$/,
    "disc/gray.bmp": /^truncated BMP: /,
    "disc/monochrome1-12bit.dcm": /^truncated DICOM/,
    "disc/monochrome2-signed.dcm": /^truncated DICOM/,
  }).map(([from, reason]) => {
    const name = `cut ${from.slice("disc/".length)}`;
    return { what: `a truncated ${from}`, name, content: () => half(`mixed-bits/${from}`), reason };
  }),
  {
    what: "a PNG of a header alone",
    name: "header.png",
    content: () => fixture("mixed-bits/stripes/header-only.png"),
    reason: /^truncated PNG$/,
  },
  {
    what: "damaged data",
    name: "damaged.png",
    content: () => fixture("mixed-bits/disc/damaged-data.png"),
    reason: /^damaged PNG$/,
  },
  {
    what: "a header that claims 60,000 × 60,000 pixels",
    name: "bomb.png",
    content: () => fixture("mixed-bits/disc/claims-60000x60000.png"),
    reason: /^claims 60,000 × 60,000 pixels, limit 178,956,970 in all \(--max-pixels\)$/,
  },
  { what: "a text", name: "text.png", content: () => Buffer.from("No picture.\n"), reason: /^not an image: text$/ },
  {
    what: "a page of HTML",
    name: "page.tif",
    content: () => Buffer.from("<html></html>"),
    reason: /^not an image: text$/,
  },
  {
    what: "bytes of nothing",
    name: "bytes.jpg",
    content: () => Buffer.from("00a1b2c3d4e5f6a7b8", "hex"),
    reason: /^not an image: bytes 00 a1 b2 c3 …$/,
  },
  {
    what: "a TIFF of 64-bit integers",
    name: "uint64.tif",
    content: () => fixture("tiff-samples/uint64.tif"),
    reason: /^TIFF with 64 bits per sample \(uint\) is not supported/,
  },
  {
    what: "a DICOM file in JPEG 2000",
    name: "jpeg-2000.dcm",
    content: () => fixture("dicom/jpeg-2000.dcm"),
    reason: /^JPEG 2000 Lossless \(1\.2\.840\.10008\.1\.2\.4\.90\) is not decoded: convert the DICOM file first/,
  },
  {
    what: "values that are no numbers",
    name: "nan.tif",
    content: () => fixture("tiff-samples/float32-nan.tif"),
    reason: /NaN/,
  },
  { what: "a new line in the name", name: "a\nnew line.png", content: good },
  { what: "quotes in the name", name: "'single' and \"double\".png", content: good },
  { what: "emoji and signs of a shell in the name", name: "\u{1f41f} %s $HOME `x` <b>&amp;.png", content: good },
  { what: "a name that looks like an option", name: "-rf.png", content: good },
  { what: "a name that turns the direction of writing", name: "\u202egnp.exe.png", content: good },
  { what: "a replacement character in the name", name: "\ufffd.png", content: good },
  {
    what: "a new line in the name of a truncated file",
    name: "b\nc.png",
    content: () => half("mixed-bits/disc/gray-8bit.png"),
    reason: /^truncated PNG$/,
  },
  { what: "a name that is no UTF-8", name: invalidName, content: good, reason: misnamed },
];

/** As Node shows it. */
export const shownName = ({ name }: BadFile): string => (typeof name === "string" ? name : name.toString());

/** All of `files` that the file system takes: some systems refuse names that are no UTF-8. */
export async function writeBadFiles(folder: string, files: readonly BadFile[] = badFiles): Promise<BadFile[]> {
  await mkdir(folder, { recursive: true });
  const written: BadFile[] = [];
  for (const file of files) {
    const content = await file.content();
    const path =
      typeof file.name === "string" ? join(folder, file.name) : Buffer.concat([Buffer.from(`${folder}/`), file.name]);
    const isWritten = await writeFile(path, content).then(
      () => true,
      () => false,
    );
    if (isWritten) written.push(file);
  }
  return written;
}

/** Links that loop, and one that leads nowhere; none holds a picture. */
export async function writeLoops(folder: string): Promise<void> {
  await symlink("..", join(folder, "up"));
  await symlink(".", join(folder, "here"));
  await symlink("self.png", join(folder, "self.png"));
  await symlink("gone", join(folder, "broken.png"));
}
