import { readFileSync } from "node:fs";
import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { WeightsError } from "../errors.js";
import { goldenWeight } from "../testing/golden-values.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { sharedFolder } from "../testing/shared-folder.js";
import { readKerasArchive } from "./keras-archive.js";
import { encodeUtf8 } from "./utf8.js";

const weights = new Uint8Array(readFileSync(repositoryFolder("fixtures", "weights", "keras3-nested.weights.h5")));

const archive = (parts: Readonly<Record<string, string | Uint8Array>>): Uint8Array =>
  zipSync(
    Object.fromEntries(
      Object.entries(parts).map(([name, part]) => [name, typeof part === "string" ? encodeUtf8(part) : part]),
    ),
  );

const metadata = '{"keras_version": "3.15.1", "date_saved": "2026-01-01@00:00:00"}';
const sound = { "metadata.json": metadata, "config.json": '{"class_name": "Sequential"}', "model.weights.h5": weights };

describe("readKerasArchive", () => {
  it("reads weights, description and version, also of an archive that was packed again", async () => {
    const file = await readKerasArchive(archive(sound));
    expect(file.tensors.size).toBe(11);
    expect(file.metadata).toEqual({ layout: "keras", format: "keras", keras_version: "3.15.1" });
    expect(file.config).toEqual({ class_name: "Sequential" });
  });

  it.each([
    ["without weights", { "metadata.json": metadata, "config.json": "{}" }, "got only metadata.json and config.json"],
    ["of something else", { "word/document.xml": "<w/>" }, "got none of Keras' files"],
    ["with weights that are not HDF5", { ...sound, "model.weights.h5": "none" }, "HDF5: cannot read the file"],
    ["with a description that is not JSON", { ...sound, "config.json": '{"a": NaN}' }, "config.json: not JSON: "],
    ["with text that is not UTF-8", { ...sound, "config.json": Uint8Array.of(0xff) }, "config.json is not UTF-8"],
    ["without a version", { ...sound, "metadata.json": "{}" }, "expected a text keras_version"],
    ["with metadata that is nothing", { ...sound, "metadata.json": "null" }, "expected a text keras_version"],
    [
      "nested deeply",
      { ...sound, "config.json": "[".repeat(201) },
      "config.json: nested 201 deep, expected at most 200",
    ],
  ] as const)("refuses an archive %s", async (_, parts, message) => {
    const reading = readKerasArchive(archive(parts));
    await expect(reading).rejects.toThrow(WeightsError);
    await expect(reading).rejects.toThrow(message);
  });

  it("counts no brackets in texts", async () => {
    const name = `\\"${"[".repeat(300)}`;
    const file = await readKerasArchive(archive({ ...sound, "config.json": `{"name": "${name}"}` }));
    expect(file.config).toEqual({ name: `"${"[".repeat(300)}` });
  });

  it.for([
    ["efficientnetb0_notop.keras", 312, "Functional"],
    ["user_model.keras", 314, "Sequential"],
  ] as const)("reads Keras' own %s", async ([name, count, className], context) => {
    const path = sharedFolder("golden", "weights", name);
    if (path === undefined) return context.skip("no folder shared/golden beside the repository");
    const { tensors, config } = await readKerasArchive(readFileSync(path));
    expect(tensors.size).toBe(count);
    expect(config).toMatchObject({ class_name: className });
    // Exact, because both sides round once to float32.
    for (const [name, { shape, data }] of tensors) {
      const expected = goldenWeight(name, shape);
      expect(
        data.findIndex((value, i) => value !== expected[i]),
        name,
      ).toBe(-1);
    }
  });
});
