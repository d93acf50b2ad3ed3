import { readFileSync } from "node:fs";
import { File, ready } from "h5wasm";
import { describe, expect, it, vi } from "vitest";
import { WeightsError } from "../errors.js";
import { SeededRandom } from "../seeded-random.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { readHdf5 } from "./hdf5.js";
import { readKerasH5 } from "./keras-h5.js";

const fixture = (name: string): Uint8Array =>
  Uint8Array.from(readFileSync(repositoryFolder("fixtures", "weights", name)));
const sound = fixture("keras3-nested.weights.h5");

/** An HDF5 file made by h5wasm itself. */
async function fileWith(fill: (file: File) => void): Promise<Uint8Array> {
  const { FS } = await ready;
  const file = new File("/made-by-the-test.h5", "w");
  fill(file);
  file.close();
  const bytes = FS.readFile("/made-by-the-test.h5") as Uint8Array;
  FS.unlink("/made-by-the-test.h5");
  return bytes;
}

describe("readHdf5", () => {
  it("leaves no file behind, whether it succeeds or not, and prints nothing", async () => {
    const { FS } = await ready;
    const print = vi.spyOn(console, "error");
    const before = FS.readdir("/");
    await readKerasH5(sound);
    await expect(readKerasH5(sound.subarray(0, 5000))).rejects.toThrow(WeightsError);
    expect(FS.readdir("/")).toEqual(before);
    expect(print).not.toHaveBeenCalled();
    print.mockRestore();
  });

  it("does not disturb a program that has a file of its own open", async () => {
    const { FS } = await ready;
    FS.writeFile("/own.h5", sound);
    const own = new File("/own.h5", "r");
    await readKerasH5(sound);
    await expect(readKerasH5(fixture("keras3-unnamed.weights.h5"))).rejects.toThrow(WeightsError);
    expect(own.get("layers/dense")?.toString()).toContain("/layers/dense");
    own.close();
    FS.unlink("/own.h5");
  });

  it("tells HDF5's own reason", async () => {
    await expect(readKerasH5(sound.subarray(0, 5000))).rejects.toThrow("truncated file: eof = 5000");
    await expect(readKerasH5(new Uint8Array(1000))).rejects.toThrow("file signature not found");
  });

  it("refuses a file that ends too early, wherever", async () => {
    const bytes = fixture("keras3-unnamed.weights.h5");
    // Each failure puts HDF5's memory back, some 5 ms: the first bytes one by one, then in steps that meet every alignment.
    for (let length = 0; length < bytes.length; length += length < 16 ? 1 : 13) {
      await expect(readKerasH5(bytes.subarray(0, length)), `${length} bytes`).rejects.toThrow(WeightsError);
    }
  });

  it("reads a damaged file or throws WeightsError, and reads a sound one after it", async () => {
    const random = new SeededRandom(1);
    for (let trial = 0; trial < 150; trial++) {
      const bytes = sound.slice();
      for (let n = 0; n < 3; n++) bytes[random.integer(bytes.length)] = random.integer(256);
      await readKerasH5(bytes).catch((error) => expect(error).toBeInstanceOf(WeightsError));
    }
    expect((await readKerasH5(sound)).tensors.size).toBe(11);
  });

  it("ends at once when a collection of texts goes round in a circle", async () => {
    const bytes = fixture("legacy-keras2.h5");
    const at = Buffer.from(bytes).indexOf("GCOL");
    // The first object becomes free space of length 0.
    bytes.fill(0, at + 16, at + 32);
    await expect(readKerasH5(bytes)).rejects.toThrow(`the texts at byte ${at} are damaged`);
  });

  it("rounds float64 and integers, also scalars, to float32", async () => {
    const bytes = await fileWith((file) => {
      file.create_dataset({ name: "f64", data: new Float64Array([Math.PI, 1e300]) });
      file.create_dataset({ name: "i64", data: new BigInt64Array([-(2n ** 40n)]), shape: [] });
      file.create_dataset({ name: "u8", data: new Uint8Array([1, 255]), shape: [2, 1] });
    });
    const tensors = await readHdf5(bytes, (root) => root.childNames().map((name) => root.tensor(name)));
    expect(tensors).toEqual([
      { shape: [2], data: Float32Array.of(Math.PI, Number.POSITIVE_INFINITY) },
      { shape: [], data: Float32Array.of(-(2 ** 40)) },
      { shape: [2, 1], data: Float32Array.of(1, 255) },
    ]);
  });

  it("refuses a tensor that is much larger than the file", async () => {
    const bytes = await fileWith((file) => {
      const data = new Float32Array(1_000_000);
      file.create_dataset({ name: "zeros", data, shape: [1000, 1000], chunks: [1000, 1000], compression: "gzip" });
    });
    await expect(readHdf5(bytes, (root) => root.tensor("zeros"))).rejects.toThrow(
      'HDF5: "/zeros": [1000, 1000] is larger than the file can hold',
    );
  });

  it("refuses texts where numbers are expected, and numbers where texts are", async () => {
    const bytes = await fileWith((file) => {
      file.create_dataset({ name: "text", data: ["a", "b"] });
      file.create_attribute("numbers", [1, 2]);
    });
    await expect(readHdf5(bytes, (root) => root.tensor("text"))).rejects.toThrow('"/text": expected numbers');
    await expect(readHdf5(bytes, (root) => root.tensor("none"))).rejects.toThrow("expected a tensor, there is none");
    await expect(readHdf5(bytes, (root) => root.texts("numbers"))).rejects.toThrow('"/, numbers": expected texts');
    expect(await readHdf5(bytes, (root) => root.texts("none"))).toBeUndefined();
  });

  it("does not walk a group that holds itself for ever", async () => {
    const bytes = await fileWith((file) => {
      file.create_group("layers");
      file.create_hard_link("/layers", "layers/a");
      file.create_hard_link("/layers", "layers/b");
    });
    await expect(readKerasH5(bytes)).rejects.toThrow(WeightsError);
  });

  it("says what a file that is not Keras' holds", async () => {
    const bytes = await fileWith((file) => file.create_group("experiment"));
    await expect(readKerasH5(bytes)).rejects.toThrow(
      'expected an attribute "layer_names" or a group "layers" or "model_weights", got experiment',
    );
  });
});
