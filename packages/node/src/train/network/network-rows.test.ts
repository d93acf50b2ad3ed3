import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bind, fullWindow, GraphBuilder, InputError, type Model } from "@grayling/core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DatasetImage } from "../../dataset/dataset.js";
import { type DeviceRuntime, openRuntime } from "../../runtime/open-runtime.js";
import { repositoryFolder } from "../../testing/repository-folder.js";
import { type RowsOptions, storeActivations, storePlanes } from "./network-rows.js";

let folder: string;
let runtime: DeviceRuntime;
let images: readonly DatasetImage[];

beforeAll(async () => {
  runtime = openRuntime({ device: "cpu", threads: 1, onFallback: () => {} });
  const root = repositoryFolder("fixtures", "mixed-bits");
  const names = ["disc/gray-8bit.png", "stripes/gray-12-of-16bit.png", "disc/gray-1bit.png"];
  images = names.map((relative, label) => ({ path: join(root, relative), relative, label, split: null }));
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling network rows ü-"));
  return () => rm(folder, { recursive: true, force: true });
});
afterAll(() => runtime.close());

const options = (more: Partial<RowsOptions> = {}): RowsOptions => ({
  framing: { height: 8, width: 8, fit: "stretch" },
  ...{ window: fullWindow, maxPixels: undefined, batch: 2, seed: 1, budget: 0, folder },
  ...{ augment: undefined, variants: 0, signal: undefined, onProgress: () => {} },
  ...more,
});

/** What lies below a cut: here twice the image, so that activations can be told from planes. */
function doubling(): Model {
  const net = new GraphBuilder();
  const x = net.add("Input", "input_layer", [], { shape: ["N", 1, 8, 8] });
  return bind(net.build([net.add("Rescaling", "twice", [x], { scale: [2], offset: [0] })]), new Map());
}

const files = () => readdir(join(folder, "rows"));

describe("rows of a network", () => {
  it("are each image as it is read, in the order asked for, and leave no file when they are closed", async () => {
    const planes = await storePlanes(images, options());
    const side = planes.side([2, 0], true);
    expect(side.labels).toEqual([2, 0]);
    const { shape, data } = await side.read([1, 0, 1], 0);
    expect(shape).toEqual([3, 1, 8, 8]);
    expect(data.slice(0, 64)).toEqual(data.slice(128));
    expect(data.slice(0, 64)).not.toEqual(data.slice(64, 128));
    expect(await files()).toHaveLength(1);
    await planes.close();
    expect(await files()).toEqual([]);
  });

  it("are activations of images and of the variants of those that train, each in its own place", async () => {
    const planes = await storePlanes(images, options());
    const whole = planes.side([0, 1, 2], false);
    const augment = { brightness: { factor: [1.5, 1.5] } } as const;
    const isTraining = [true, false, true];
    const stored = await storeActivations(images, isTraining, doubling(), runtime, options({ augment, variants: 2 }));
    const still = stored.side([0, 1, 2], false);
    const expected = (await whole.read([0, 1, 2], 0)).data.map((value) => 2 * value);
    expect((await still.read([0, 1, 2], 0)).data).toEqual(expected);
    const training = stored.side([0, 2], true);
    const own = [expected.slice(0, 64), expected.slice(128)];
    let varied = 0;
    for (let epoch = 0; epoch < 12; epoch++) {
      const { data } = await training.read([0, 1], epoch);
      expect((await training.read([0, 1], epoch)).data).toEqual(data); // an epoch draws the same again
      for (const row of [0, 1]) {
        const values = data.slice(row * 64, (row + 1) * 64);
        const sum = (numbers: Float32Array) => numbers.reduce((a, b) => a + b);
        expect(sum(values)).toBeGreaterThanOrEqual(sum(own[row]!)); // its own, or brighter
        if (String(values) !== String(own[row])) varied++;
      }
    }
    expect(varied).toBeGreaterThan(4); // two of three on average
    expect(varied).toBeLessThan(24);
    await Promise.all([planes.close(), stored.close()]);
  });

  it.each([
    ["in memory", Infinity, "float32"],
    ["on disk", 0, "float32"],
    ["on disk, in halves", 0, "float16"],
  ] as const)("are activations that the next training finds: %s", async (_, budget, type) => {
    const augment = { brightness: { factor: [1.2, 1.8] } } as const;
    const counted: { computed: number; cached: number }[] = [];
    const kept = { cache: folder, key: "a key", type };
    const store = async (more: Partial<RowsOptions> = {}, wanted = images) => {
      const isTraining = wanted.map((_, index) => index !== 1);
      const onComputed = (counts: (typeof counted)[0]) => counted.push(counts);
      const all = options({ ...{ augment, variants: 2, budget, kept, onComputed }, ...more });
      const stored = await storeActivations(wanted, isTraining, doubling(), runtime, all);
      const rows = await Promise.all([0, 1, 2].map((epoch) => stored.side([0, 2], true).read([0, 1], epoch)));
      const whole = await stored.side([0, 1, 2], false).read([0, 1, 2], 0);
      await stored.close();
      return [...rows, whole].map(({ data }) => data);
    };
    const first = await store({}, images);
    expect(await store()).toEqual(first);
    expect(await readdir(folder)).toEqual(["activations"]); // no second copy of what is kept
    expect(await store({ variants: 3 })).toHaveLength(4); // the third variant of two images is new
    await store({ seed: 2 });
    const of = (computed: number, cached: number) => ({ computed, cached });
    expect(counted).toEqual([of(7, 0), of(0, 7), of(8, 1), of(6, 1)]);
    const plain = await store({ kept: undefined });
    for (const [i, values] of plain.entries()) {
      for (const [at, value] of values.entries()) {
        const tolerance = type === "float16" ? 2 ** -11 * Math.abs(value) : 0; // half a unit of 11 bits
        expect(Math.abs(first[i]![at]! - value)).toBeLessThanOrEqual(tolerance);
      }
    }
  });

  it("are kept nowhere where the cache cannot be written, which is told once", async () => {
    const told: string[] = [];
    const cache = join(folder, "file");
    await writeFile(cache, "");
    const kept = { cache, key: "a key", type: "float32" } as const;
    const more = { kept, onWarning: (message: string) => told.push(message) };
    const stored = await storeActivations(images, [true, true, true], doubling(), runtime, options(more));
    expect((await stored.side([0, 1, 2], false).read([0, 1, 2], 0)).data.some((value) => value > 0)).toBe(true);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/cannot be written, .*; activations are not kept for the next training$/);
    await stored.close();
  });

  it.each(["planes", "activations"])("leave no file of %s where an image cannot be read", async (what) => {
    const missing = [...images, { ...images[0]!, path: join(folder, "gone.png"), relative: "gone.png" }];
    const storing =
      what === "planes"
        ? storePlanes(missing, options())
        : storeActivations(missing, [true, true, true, true], doubling(), runtime, options());
    await expect(storing).rejects.toThrow(InputError);
    expect(await files()).toEqual([]);
  });
});
