import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  bind,
  efficientNet,
  InputError,
  initialize,
  kerasFormats,
  readKerasH5,
  WeightsError,
  writeSafetensors,
} from "@grayling/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { readWeightFile } from "./read-weight-file.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A file whose name says nothing: the content decides. */
async function fileOf(bytes: Uint8Array): Promise<string> {
  const path = join(folder, `weights-${bytes.length}`);
  await writeFile(path, bytes);
  return path;
}

const kernel = { shape: [2], data: Float32Array.of(1, 2) };

describe("readWeightFile", () => {
  it("knows HDF5, safetensors and .keras by their content", async () => {
    const hdf5 = readFileSync(repositoryFolder("fixtures", "weights", "legacy-keras2.h5"));
    expect(await readWeightFile(await fileOf(hdf5))).toEqual(await readKerasH5(hdf5));

    const safetensors = writeSafetensors(new Map([["dense/bias", kernel]]), {});
    expect((await readWeightFile(await fileOf(safetensors))).tensors).toEqual(new Map([["dense/bias", kernel]]));

    const graph = efficientNet("efficientnet-b0", { height: 32, width: 32 });
    const model = bind(graph, initialize(graph, 0));
    const keras = await readWeightFile(await fileOf(await kerasFormats[".keras"](model, "b0")));
    expect(keras.tensors.size).toBe(model.weights.size);
    expect(keras.metadata).toEqual({ layout: "keras", format: "keras", keras_version: "3.15.1" });
    expect(keras.config).toMatchObject({ class_name: "Functional", config: { name: "b0" } });
  });

  it("names the file in what the readers say", async () => {
    const path = await fileOf(Uint8Array.of(0x50, 0x4b, 0x03, 0x04, 0));
    await expect(readWeightFile(path)).rejects.toThrow(WeightsError);
    await expect(readWeightFile(path)).rejects.toThrow(`${path}: zip: no end of a directory found`);
  });

  it("asks whether a path that does not exist was meant as a word", async () => {
    await expect(readWeightFile("imagnet")).rejects.toThrow(InputError);
    await expect(readWeightFile("imagnet")).rejects.toThrow(/weights imagnet: no such file.*imagenet/);
  });
});
