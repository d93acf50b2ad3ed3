/** Finds the file, or the page of one, that a list names. */
import { stat } from "node:fs/promises";
import { explainFileError } from "./explain-file-error.js";
import { type PagedImage, parsePage } from "./paged-image.js";

/** A file, or where there is none of that name, the page that it names, `file.tif#3`; else why there is none. */
export async function findListedFile(path: string): Promise<PagedImage | { readonly reason: string }> {
  const reason = await whyNoFile(path);
  if (reason === undefined) return { path };
  const image = parsePage(path);
  if (image.page === undefined || (await whyNoFile(image.path)) !== undefined) return { reason };
  return image;
}

async function whyNoFile(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).isFile() ? undefined : "no file, expected an image";
  } catch (error) {
    const reason = explainFileError(error);
    if (reason === undefined) throw error;
    return reason;
  }
}
