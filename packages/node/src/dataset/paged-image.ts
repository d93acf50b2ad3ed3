/**
 * An image of a dataset or a command: a file, or one page of a file that holds several (TIFF pages, DICOM frames). Shown
 * and written by users as `file.tif#3`.
 */

export interface PagedImage {
  /** The file. */
  readonly path: string;
  /** From 1; absent: the first. */
  readonly page?: number | undefined;
}

const pageText = /^(.+\.(?:tiff?|dcm|dicom))#([1-9]\d{0,5})$/i;

/** `file.tif#3` is page 3 of `file.tif`; any other text is a path. */
export function parsePage(text: string): PagedImage {
  const match = pageText.exec(text);
  return match ? { path: match[1]!, page: Number(match[2]) } : { path: text };
}

/** The text that `parsePage` reads as this page. */
export function showPage(path: string, page: number | undefined): string {
  return page === undefined ? path : `${path}#${page}`;
}

/** More pages of one file are not worked on together: their planes would fill the memory. */
const mostTogether = 64;

/** Images that lie side by side and are of one file, in their order: read together, the file is read once. */
export function runsOfFiles<Image extends PagedImage>(images: readonly Image[]): Image[][] {
  const runs: Image[][] = [];
  for (const image of images) {
    const last = runs.at(-1);
    if (last && last[0]!.path === image.path && last.length < mostTogether) last.push(image);
    else runs.push([image]);
  }
  return runs;
}

/** The images in chunks of `size` or so, at most one run of pages more; pages of one file are not divided needlessly. */
export function chunksOfFiles<Image extends PagedImage>(images: readonly Image[], size: number): Image[][] {
  const chunks: Image[][] = [];
  for (const run of runsOfFiles(images)) {
    const last = chunks.at(-1);
    if (last && last.length < size && run.length < size) last.push(...run);
    else chunks.push(run);
  }
  return chunks;
}
