import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { augmentPlane, InputError, largestDifference, presets, type Session } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { openBackbone } from "../backbone/open-backbone.js";
import { FeatureCache } from "../features/feature-cache.js";
import { buildTrunk } from "../features/trunk.js";
import { createDecoder } from "../images/decode.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { smallTrunk } from "../testing/small-trunk.js";
import { extractVariants, type VariantOptions, variantKey } from "./augmented-features.js";
import { selectWithVariants } from "./select-with-variants.js";

const names = [
  "disc/gray-8bit.png",
  "stripes/gray-8bit.png",
  "disc/gray.bmp",
  "stripes/gray.bmp",
  "disc/gray-16bit.png",
];
const images = names.map((name) => ({ path: repositoryFolder("fixtures", "mixed-bits", ...name.split("/")) }));
const small = await smallTrunk("stretch");
const { trunk, openCache } = small;

const base = { augment: presets.strong, variants: 3, seed: 5, batch: 2 } as const;
const extract = (options: Partial<VariantOptions> = {}, of = images) =>
  extractVariants(of, trunk, small.session, { ...base, ...options });
/** Another number of images in a run sums in another order: 3 × Keras' own 8.6e-6 of the largest value. */
const expectSame = (actual: Float32Array, expected: Float32Array) => {
  const { difference, scale } = largestDifference(actual, expected);
  expect(difference).toBeLessThan(2.6e-5 * scale);
};

describe("features of variants", () => {
  it("are what the trunk gives for each augmented plane alone", async () => {
    const { values, computed, cached } = await extract();
    expect([computed, cached]).toEqual([15, 0]);
    const decode = await createDecoder(trunk.preprocessing);
    for (const [i, { path }] of images.entries()) {
      const bytes = await readFile(path);
      const plane = { values: (await decode(bytes)).plane, height: 32, width: 40 };
      const image = createHash("sha256").update(bytes).digest("hex");
      for (let epoch = 0; epoch < 3; epoch++) {
        const { values: data } = augmentPlane(plane, base.augment, { seed: 5, image, epoch });
        const outputs = await small.session.run({ input_layer: { shape: [1, 1, 32, 40], data } });
        const row = 3 * i + epoch;
        expectSame(values.subarray(row * trunk.columns, (row + 1) * trunk.columns), outputs["avg_pool"]!.data);
      }
    }
  });

  it("of tiles are what the trunk gives for each augmented tile alone, and are found again", async () => {
    const tiled = buildTrunk(
      await openBackbone("efficientnet-lite0", { height: 32, width: 40, pooling: "avg" }),
      "tile",
    );
    const decode = await createDecoder(tiled.preprocessing);
    const planes = await Promise.all(images.map(async ({ path }) => (await decode(await readFile(path))).plane));
    const tiles = planes.map((plane) => plane.length / (32 * 40));
    expect(Math.max(...tiles)).toBeGreaterThan(1);
    const open = () => FeatureCache.open(small.folder, tiled.key, tiled.columns);
    const options = { ...base, tiles, variants: 2 };
    const { values, computed } = await extractVariants(images, tiled, small.session, {
      ...options,
      cache: await open(),
    });
    expect(computed).toBe(10);
    let row = 0;
    for (const [i, { path }] of images.entries()) {
      const hash = createHash("sha256")
        .update(await readFile(path))
        .digest("hex");
      for (let epoch = 0; epoch < 2; epoch++) {
        for (let tile = 0; tile < tiles[i]!; tile++, row++) {
          const plane = { values: planes[i]!.slice(tile * 32 * 40, (tile + 1) * 32 * 40), height: 32, width: 40 };
          const image = tile === 0 ? hash : `${hash} tile ${tile}`;
          const { values: data } = augmentPlane(plane, base.augment, { seed: 5, image, epoch });
          const outputs = await small.session.run({ input_layer: { shape: [1, 1, 32, 40], data } });
          expectSame(values.subarray(row * tiled.columns, (row + 1) * tiled.columns), outputs["avg_pool"]!.data);
        }
      }
    }
    expect(values).toHaveLength(row * tiled.columns);
    const again = await extractVariants(images, tiled, small.session, { ...options, cache: await open() });
    expect([again.computed, again.cached]).toEqual([0, 10]);
    expect(again.values).toEqual(values);
    const other = await extractVariants(images, tiled, small.session, { ...options, seed: 6, cache: await open() });
    expect(other.computed).toBe(10);
  });

  it("do not depend on the order of images or the size of batches", async () => {
    const [forwards, backwards] = [await extract(), await extract({ batch: 4 }, images.toReversed())];
    const size = 3 * trunk.columns;
    for (const i of images.keys()) {
      const other = images.length - 1 - i;
      expectSame(
        backwards.values.subarray(other * size, (other + 1) * size),
        forwards.values.subarray(i * size, (i + 1) * size),
      );
    }
  });

  it("are computed once, and found again; more variants compute what is missing, other options everything", async () => {
    const first = await extract({ cache: await openCache() });
    const again = await extract({ cache: await openCache() });
    expect([again.computed, again.cached]).toEqual([0, 15]);
    expect(again.values).toEqual(first.values);
    const fewer = await extract({ cache: await openCache(), variants: 2 });
    expect([fewer.computed, fewer.cached]).toEqual([0, 10]);
    for (const other of [{ seed: 6 }, { augment: presets.light }]) {
      expect((await extract({ cache: await openCache(), ...other })).computed).toBe(15);
    }
  });

  it("have names that change with the image and with whatever was drawn", () => {
    const drawn = [{ kind: "brightness", factor: 1.1 }] as const;
    const keys = [
      variantKey("a", drawn),
      variantKey("b", drawn),
      variantKey("a", []),
      variantKey("a", [{ kind: "brightness", factor: 1.1000000001 }]),
      variantKey("a", [{ kind: "contrast", factor: 1.1 }]),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  it("are refused for an image that is gone, and stop when they are told to", async () => {
    const gone = [{ path: join(small.folder, "gone.png") }];
    await expect(extract({}, gone)).rejects.toThrow(InputError);
    const reason = new Error("enough");
    await expect(extract({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("of a trunk that fails tell its error, and keep what was computed", async () => {
    let runs = 0;
    const failing: Session = {
      ...small.session,
      run: async (feeds) => {
        if (++runs === 4) throw new Error("out of memory");
        return small.session.run(feeds);
      },
    };
    const cache = await openCache();
    await expect(extractVariants(images, trunk, failing, { ...base, cache })).rejects.toThrow("out of memory");
    const { computed } = await extract({ cache: await openCache() });
    expect(computed).toBe(9); // the batch of two images that was whole is known
  });
});

describe("a table with variants", () => {
  const table = { values: Float32Array.of(0, 1, 2, 3, 4), columns: 1, labels: [0, 1, 0, 1, 1] };
  const variants = { values: Float32Array.of(0.1, 0.2, 1.1, 1.2, 2.1, 2.2, 3.1, 3.2, 4.1, 4.2), perImage: 2 };

  it("has the wanted images and their variants alone, each of its image's label and group", () => {
    const chosen = selectWithVariants(table, variants, (row) => row !== 3);
    expect(chosen.values).toEqual(Float32Array.of(0, 1, 2, 4, 0.1, 0.2, 1.1, 1.2, 2.1, 2.2, 4.1, 4.2));
    expect(chosen.labels).toEqual([0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1]);
    expect(chosen.groups).toEqual(["0", "1", "2", "4", "0", "0", "1", "1", "2", "2", "4", "4"]);
  });

  it("has all tiles of each, image by image, variant by variant", () => {
    const tiled = { values: Float32Array.of(0, 0.5, 1, 2, 2.5), columns: 1, labels: [0, 1, 1], tiles: [2, 1, 2] };
    const ofTiles = { values: Float32Array.of(10, 11, 12, 13, 20, 21, 30, 31, 32, 33), perImage: 2 };
    const chosen = selectWithVariants(tiled, ofTiles, (image) => image !== 1);
    expect(chosen.values).toEqual(Float32Array.of(0, 0.5, 2, 2.5, 10, 11, 12, 13, 30, 31, 32, 33));
    expect(chosen.tiles).toEqual([2, 2, 2, 2, 2, 2]);
    expect(chosen.labels).toEqual([0, 1, 0, 0, 1, 1]);
    expect(chosen.groups).toEqual(["0", "2", "0", "0", "2", "2"]);
  });

  it("keeps the groups that images have already", () => {
    const groups = ["a", "a", "b", "b", "c"];
    const chosen = selectWithVariants({ ...table, groups }, variants, (row) => row < 2);
    expect(chosen.groups).toEqual(["a", "a", "a", "a", "a", "a"]);
  });

  it("without variants is the images", () => {
    const chosen = selectWithVariants(table, undefined, (row) => row > 2);
    expect(chosen).toEqual({ values: Float32Array.of(3, 4), columns: 1, labels: [1, 1] });
  });
});
