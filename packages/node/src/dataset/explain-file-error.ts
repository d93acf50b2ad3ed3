/** Puts the error codes of the file system into a user's words. */

const words: ReadonlyMap<string, string> = new Map([
  ["EACCES", "permission denied"],
  ["EPERM", "permission denied"],
  ["ENOENT", "no such file: removed meanwhile, or a broken link"],
  ["ELOOP", "a link that leads back to itself"],
  ["EISDIR", "a folder, expected a file"],
  ["EIO", "the disk cannot read it"],
  ["EMFILE", "too many open files"],
]);

/** A reason of one line, or undefined if `error` did not come from the file system. */
export function explainFileError(error: unknown): string | undefined {
  if (!(error instanceof Error && "code" in error && "syscall" in error && typeof error.code === "string")) {
    return undefined;
  }
  // A name that is no UTF-8 comes back from the system with replacement characters, and opens nothing.
  if (error.code === "ENOENT" && "path" in error && String(error.path).includes("\ufffd")) {
    return "its name is not valid UTF-8, so it cannot be opened; rename it";
  }
  return words.get(error.code) ?? `cannot be read (${error.code})`;
}
