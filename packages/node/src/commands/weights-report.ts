/** What `grayling weights` finds in the table of official files and in the cache, and what it says about it. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { alignColumns, InputError, modelsWithOfficialWeights, printable, WeightsError } from "@grayling/core";
import { weightsUrl } from "@grayling/weights-lite0";
import { bundledModel } from "../backbone/open-backbone.js";
import { oneOf } from "../one-of.js";
import { counted } from "../terminal/counted.js";
import { type OfficialFile, type OfficialFileOptions, officialFile, weightsFolder } from "../weights/fetch-official.js";
import { md5OfFile } from "../weights/md5-of-file.js";
import type { Console } from "./console.js";

type Places = Pick<OfficialFileOptions, "cache" | "find">;

export interface CheckedFile {
  readonly model: string;
  readonly file: string;
  readonly path: string;
  readonly bytes: number;
  /** As Keras states it. */
  readonly expected: string;
  readonly md5: string;
  readonly isWhole: boolean;
}

/** Where the weights lie that come with grayling; undefined for every model but one. They have the classifier. */
export const bundledPath = (model: string): string | undefined =>
  model === bundledModel ? fileURLToPath(weightsUrl) : undefined;

export interface BundledFile {
  readonly model: string;
  readonly file: string;
  readonly path: string;
  readonly bytes: number;
}

/** The file of the one network whose weights come with grayling. */
export async function bundledFile(): Promise<BundledFile> {
  const path = fileURLToPath(weightsUrl);
  const { size } = await stat(path);
  return { model: bundledModel, file: basename(path), path, bytes: size };
}

/** The networks to download for. Throws `InputError` for a name that none has, and for none at all. */
export function chooseModels(models: readonly string[], { all = false }: { readonly all?: boolean }): string[] {
  if (all && models.length > 0) throw new InputError("--all: is all networks, leave it out or name none");
  if (all) return [...modelsWithOfficialWeights];
  if (models.length === 0) throw new InputError("weights fetch: expected a network, such as efficientnet-b0, or --all");
  return [...new Set(models.map((model) => oneOf("model", model, [...modelsWithOfficialWeights, bundledModel])))];
}

/** Both files of each network, the one without classifier first. */
export async function listFiles(
  places: Places,
  models: readonly string[] = modelsWithOfficialWeights,
): Promise<OfficialFile[]> {
  return Promise.all(
    models.flatMap((model) => [false, true].map((includeTop) => officialFile(model, { ...places, includeTop }))),
  );
}

export function printFiles(
  files: readonly OfficialFile[],
  bundled: BundledFile,
  cache: string,
  { print }: Console,
): void {
  const rows = files.map(({ model, includeTop, file, md5, bytes }) => [
    model,
    includeTop ? "with" : "without",
    file,
    md5,
    bytes === undefined ? "–" : `${mebibytes(bytes)} in the cache`,
  ]);
  const heading = ["network", "classifier", "file", "md5", "size"];
  const last = [bundled.model, "with", bundled.file, "–", `${mebibytes(bundled.bytes)} bundled`];
  for (const line of alignColumns([heading, ...rows, last])) print(line);
  print();
  const there = files.filter(({ bytes }) => bytes !== undefined).length;
  print(`${there} of ${counted(files.length, "file")} in ${printable(weightsFolder(cache))}`);
}

/** The path of a file that is there and whole. Throws `InputError` if it is not there, `WeightsError` if it is damaged. */
export async function pathOf(model: string, options: OfficialFileOptions): Promise<string> {
  const name = oneOf("model", model, [...modelsWithOfficialWeights, bundledModel]);
  const bundled = bundledPath(name);
  if (bundled !== undefined) return bundled;
  const { file, path, md5 } = await officialFile(name, options);
  const command = `grayling weights fetch ${name}${options.includeTop ? " --top" : ""}`;
  const found = await md5OfFile(path);
  if (found === undefined) throw new InputError(`${path}: not in the cache, "${command}" downloads ${file}`);
  if (found !== md5) {
    throw new WeightsError(`${path}: damaged, expected md5 ${md5}, got ${found}: "${command}" downloads it anew`);
  }
  return path;
}

/** The md5 of each file that is in the cache. Throws `InputError` for a network that was named and has none there. */
export async function checkFiles(
  models: readonly string[],
  { onFile, ...places }: Places & { readonly onFile: (file: string) => void },
): Promise<CheckedFile[]> {
  const names = models.map((model) => oneOf("model", model, modelsWithOfficialWeights));
  const files = await listFiles(places, names.length === 0 ? undefined : [...new Set(names)]);
  const there = files.filter(({ bytes }) => bytes !== undefined);
  const missing = names.find((name) => !there.some(({ model }) => model === name));
  if (missing !== undefined) {
    const folder = weightsFolder(places.cache);
    throw new InputError(`${missing}: not in ${folder}, "grayling weights fetch ${missing}" downloads it`);
  }
  const checked: CheckedFile[] = [];
  for (const { model, file, path, bytes = 0, md5: expected } of there) {
    onFile(file);
    const md5 = await md5OfFile(path);
    if (md5 !== undefined) checked.push({ model, file, path, bytes, expected, md5, isWhole: md5 === expected });
  }
  return checked;
}

export function printChecked(checked: readonly CheckedFile[], cache: string, { print, colors }: Console): void {
  if (checked.length === 0) print(`no official weights in ${printable(weightsFolder(cache))}`);
  const rows = checked.map(({ file, bytes, isWhole, expected, md5 }) => [
    file,
    mebibytes(bytes),
    isWhole ? colors.green("whole") : colors.red(`damaged: expected md5 ${expected}, got ${md5}`),
  ]);
  for (const line of alignColumns(rows, [1])) print(line);
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
