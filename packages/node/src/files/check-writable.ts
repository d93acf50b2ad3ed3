/** Whether results can be written, asked before the work that they come from. */
import { access, constants, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { InputError } from "@grayling/core";
import { writing } from "./write-failure.js";

/**
 * Throws `InputError` where one of the files could not be written now: its folder is missing or not writable, or a folder
 * has its name. An undefined path is a file that is not wanted.
 */
export async function checkWritable(...paths: readonly (string | undefined)[]): Promise<void> {
  for (const path of paths) {
    if (path === undefined) continue;
    const folder = dirname(path);
    if (!(await writing(path, stat(folder))).isDirectory()) {
      throw new InputError(`${path}: cannot be written, ${folder} is not a folder: choose another path`);
    }
    await writing(path, access(folder, constants.W_OK));
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory()) {
      throw new InputError(`${path}: cannot be written, a folder of that name exists: choose another path`);
    }
  }
}
