/** Makes an image of every page of a file that holds several, as `file.tif#3`. */
import { readFile } from "node:fs/promises";
import { InputError } from "@grayling/core";
import { readParts } from "../files/read-parts.js";
import { readTiffDirectories } from "../images/tiff-directories.js";
import { explainFileError } from "./explain-file-error.js";
import { type PagedImage, showPage } from "./paged-image.js";

/** As datasets have them. Pages of one file have one path, and with it one group: no split divides them. */
interface Listed extends PagedImage {
  readonly relative?: string;
}

/**
 * Files of one page, and those that cannot be read, stay as they are. Of TIFF, pages that are smaller copies of others
 * (thumbnails) are left out. An image that names its page already stays.
 */
export async function listPages<Image extends Listed>(
  images: readonly Image[],
): Promise<readonly (Image & PagedImage)[]> {
  const listed: (Image & PagedImage)[] = [];
  for (const image of images) {
    const pages = image.page === undefined ? await pagesOf(image.path) : [];
    if (pages.length <= 1) listed.push(image);
    else listed.push(...pages.map((page) => pageOf(image, page)));
  }
  return listed;
}

function pageOf<Image extends Listed>(image: Image, page: number): Image & PagedImage {
  const { relative } = image;
  return { ...image, ...(relative !== undefined && { relative: showPage(relative, page) }), page };
}

/** Page numbers from 1; none where the file has one page, or is not one of those that have several. */
async function pagesOf(path: string): Promise<readonly number[]> {
  try {
    if (/\.tiff?$/i.test(path)) return tiffPages(path);
    if (/\.(dcm|dicom)$/i.test(path)) return await dicomFrames(path);
    return [];
  } catch (error) {
    if (error instanceof InputError || explainFileError(error) !== undefined) return []; // told when it is decoded
    throw error;
  }
}

function tiffPages(path: string): readonly number[] {
  return readParts(path, (read) =>
    readTiffDirectories(read).flatMap(({ isReduced }, i) => (isReduced && i > 0 ? [] : [i + 1])),
  );
}

/** The beginning that reaches the pixels is enough, nearly always; what is compressed as a whole is read whole. */
async function dicomFrames(path: string): Promise<readonly number[]> {
  const { openDicom } = await import("../images/dicom.js");
  const countFrames = (bytes: Uint8Array): number => openDicom(bytes, Number.POSITIVE_INFINITY).frames;
  const head = readParts(path, (read) => read(0, headBytes));
  const frames = await inHead(
    () => countFrames(head),
    async () => countFrames(await readFile(path)),
  );
  return Array.from({ length: frames }, (_, i) => i + 1);
}

const headBytes = 2 ** 16;

async function inHead(tryHead: () => number, readAll: () => Promise<number>): Promise<number> {
  try {
    return tryHead();
  } catch (error) {
    if (error instanceof InputError) return readAll();
    throw error;
  }
}
