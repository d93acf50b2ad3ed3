import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "@grayling/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { writeAtomically } from "./write-atomically.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling write ü-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function failure(path: string): Promise<Error> {
  return writeAtomically(path, "x").then(
    () => new Error("it was written"),
    (error: Error) => error,
  );
}

it("writes bytes and text and leaves no other file behind", async () => {
  await writeAtomically(join(folder, "bytes"), Uint8Array.of(0, 1, 255));
  await writeAtomically(join(folder, "text"), "grau: äöü");
  expect([...(await readFile(join(folder, "bytes")))]).toEqual([0, 1, 255]);
  expect(await readFile(join(folder, "text"), "utf8")).toBe("grau: äöü");
  expect((await readdir(folder)).toSorted()).toEqual(["bytes", "text"]);
});

it("replaces a file that exists, whichever of the two is longer", async () => {
  const path = join(folder, "file");
  for (const content of ["first and long", "second", "", "third"]) {
    await writeAtomically(path, content);
    expect(await readFile(path, "utf8")).toBe(content);
  }
});

it("shows a reader either the old or the new content while many write at once", async () => {
  const path = join(folder, "file");
  const contents = Array.from({ length: 8 }, (_, index) => String(index).repeat(200_000));
  await Promise.all(contents.map((content) => writeAtomically(path, content)));
  expect(contents).toContain(await readFile(path, "utf8"));
  expect(await readdir(folder)).toEqual(["file"]);
});

it("names a missing folder and says what to do, in one line", async () => {
  const error = await failure(join(folder, "no", "file.onnx"));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toBe(
    `${join(folder, "no", "file.onnx")}: cannot be written, the folder ${join(folder, "no")} does not exist: ` +
      "create it or choose another path (ENOENT)",
  );
});

it("refuses a path below a file", async () => {
  await writeFile(join(folder, "file"), "");
  const error = await failure(join(folder, "file", "model.onnx"));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toMatch(/^\S.*: cannot be written, .*choose another path/);
});

it("removes the temporary file when the path is a folder", async () => {
  await mkdir(join(folder, "model.onnx"));
  await writeFile(join(folder, "model.onnx", "kept"), "");
  expect(await failure(join(folder, "model.onnx"))).toBeInstanceOf(InputError);
  expect(await readdir(folder)).toEqual(["model.onnx"]);
  expect(await readdir(join(folder, "model.onnx"))).toEqual(["kept"]);
});

it("says that a folder is not writable", async (context) => {
  if (process.platform === "win32") return context.skip("Windows has no read-only folders");
  if (process.getuid?.() === 0) return context.skip("the superuser may write everywhere");
  await chmod(folder, 0o500);
  const error = await failure(join(folder, "file"));
  await chmod(folder, 0o700);
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toContain(`no permission to write in ${folder}`);
});
