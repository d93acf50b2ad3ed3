/** Where a run's image lies on this machine. */
import { existsSync } from "node:fs";
import { dirname, isAbsolute, relative as relativeTo, resolve, sep } from "node:path";
import { type PagedImage, parsePage } from "../dataset/paged-image.js";

/**
 * The file of an image of `dataset`, a folder or a CSV file; it need not be there. Undefined for a path that leads out of the
 * folder: a run may come from strangers, and its report shows what its paths name. Paths of a CSV file may lead anywhere.
 */
export function locateImage(dataset: string, path: string): PagedImage | undefined {
  const isCsv = dataset.toLowerCase().endsWith(".csv");
  const root = resolve(isCsv ? dirname(dataset) : dataset);
  const file = resolve(root, path);
  if (!isCsv && leadsOut(relativeTo(root, file))) return undefined;
  return existsSync(file) ? { path: file } : parsePage(file); // "a.tif#3" may be a name
}

const leadsOut = (inside: string): boolean =>
  inside === "" || inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside);
