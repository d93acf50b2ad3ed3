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
