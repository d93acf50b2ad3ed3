import { ready } from "h5wasm";
import { describe, expect, it } from "vitest";
import { readHdf5 } from "./hdf5.js";
import { writeHdf5 } from "./write-hdf5.js";

describe("writeHdf5", () => {
  it("writes what readHdf5 reads back", async () => {
    const tensor = { shape: [2, 3], data: Float32Array.of(1, -0, Number.NaN, 1e-45, 5, 6) };
    const bytes = await writeHdf5((root) => {
      root.text("one", "tensorflow");
      root.texts("some", ["a", "bb"]);
      root.texts("none", []);
      const inner = root.group("layer").group("inner");
      inner.tensor("kernel:0", tensor);
      inner.integer("count:0", 2n ** 40n);
    });
    const read = await readHdf5(bytes, (root) => ({
      texts: ["one", "some", "none", "other"].map((name) => root.texts(name)),
      tensors: ["layer/inner/kernel:0", "layer/inner/count:0"].map((path) => root.tensor(path)),
    }));
    expect(read.texts).toEqual([["tensorflow"], ["a", "bb"], [], undefined]);
    expect(read.tensors).toEqual([tensor, { shape: [], data: Float32Array.of(2 ** 40) }]);
  });

  it("gives the same bytes at another time, and leaves the clock going", async () => {
    const write = () => writeHdf5((root) => root.tensor("a", { shape: [1], data: Float32Array.of(1) }));
    const first = await write();
    const before = Date.now();
    // HDF5 counts whole seconds.
    while (Math.floor(Date.now() / 1000) === Math.floor(before / 1000))
      await new Promise((done) => setTimeout(done, 20));
    expect(await write()).toEqual(first);
    expect(Date.now()).toBeGreaterThan(before);
  });

  it("throws where HDF5 refuses, leaves no file behind, and works after that", async () => {
    const { FS } = await ready;
    const files = FS.readdir("/");
    const twice = writeHdf5((root) => {
      root.group("a");
      root.group("a");
    });
    await expect(twice).rejects.toThrow("internal: HDF5 cannot write /, a: ");
    const failing = writeHdf5(() => {
      throw new Error("of the caller");
    });
    await expect(failing).rejects.toThrow("of the caller");
    expect(FS.readdir("/")).toEqual(files);
    expect((await writeHdf5((root) => void root.group("a"))).length).toBeGreaterThan(0);
  });
});
