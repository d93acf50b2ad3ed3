/** What to tell the user when a file cannot be written. */

import { dirname } from "node:path";
import { InputError } from "@grayling/core";

/** By the code of the system's error: what is wrong and what to do. */
const explanations: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `the folder ${dirname(path)} does not exist: create it or choose another path`,
  ENOTDIR: (path) => `${dirname(path)} is not a folder: choose another path`,
  EACCES: (path) => `no permission to write in ${dirname(path)}: change the permission or choose another path`,
  EPERM: (path) => `no permission, or another program has the file open: close it or choose another path than ${path}`,
  EBUSY: () => "another program has the file open: close it or choose another path",
  EROFS: (path) => `${dirname(path)} is on a read-only file system: choose another path`,
  EISDIR: () => "a folder of that name exists: choose another path",
  ENOTEMPTY: () => "a folder of that name exists: choose another path",
  EEXIST: () => "something of that name is in the way: choose another path",
  ENOSPC: () => "the disk is full: make room or choose another path",
  EDQUOT: () => "your disk quota is used up: make room or choose another path",
  EFBIG: () => "the file is larger than the disk or a limit of this process allows: choose another path",
  ENAMETOOLONG: () => "the name is too long: choose a shorter one",
};

/** What the work yields; the system's error becomes an `InputError` about the path. */
export function writing<T>(path: string, work: Promise<T>): Promise<T> {
  return work.catch((cause) => Promise.reject(writeFailure(path, cause)));
}

/** An `InputError` in one line for the error that the system gave: which file, why not, what to do. */
export function writeFailure(path: string, cause: unknown): InputError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const explanation = explanations[code]?.(path) ?? (cause instanceof Error ? cause.message : String(cause));
  return new InputError(`${path}: cannot be written, ${explanation}${code === "" ? "" : ` (${code})`}`, { cause });
}
