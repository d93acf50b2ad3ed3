import { copyFile, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InputError, largestDifference, type Session } from "@grayling/core";
import { describe, expect, it, vi } from "vitest";
import { scanFolder } from "../dataset/scan-folder.js";
import { createDecoder } from "../images/decode.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { smallTrunk } from "../testing/small-trunk.js";
import { type ExtractOptions, extractFeatures } from "./extract-features.js";

const { images } = await scanFolder(repositoryFolder("fixtures", "mixed-bits"));
const readable = 72; // 84 less 10 damaged and 2 of float32
const small = await smallTrunk("letterbox");
const { trunk, openCache } = small;

interface Extraction extends Partial<ExtractOptions> {
  readonly of?: readonly { readonly path: string }[];
  readonly through?: Session;
}

/** Features, and for whom there are none. */
async function extract({ of = images, through = small.session, ...options }: Extraction = {}) {
  const skips: [number, string][] = [];
  const onSkip = (index: number, reason: string): void => void skips.push([index, reason]);
  const features = await extractFeatures(of, trunk, through, { batch: 8, onSkip, ...options });
  return { ...features, skips };
}

/** A session that counts, and does as told before each run. */
function watched(before: (run: number) => Promise<void> | void = () => {}) {
  const rows: number[] = [];
  const through: Session = {
    ...small.session,
    run: async (feeds) => {
      rows.push(feeds["input_layer"]!.shape[0]!);
      await before(rows.length);
      return small.session.run(feeds);
    },
  };
  return { through, rows };
}

describe("extracting features", () => {
  it("gives what the trunk gives for each image alone, and skips those that cannot be read", async () => {
    const { values, indices, skips, computed, cached } = await extract();
    expect([indices.length, skips.length, computed, cached]).toEqual([readable, images.length - readable, readable, 0]);
    expect(skips.map(([index]) => images[index]!.relative)).toContain("disc/truncated.jpg");
    expect([...indices, ...skips.map(([index]) => index)].sort((a, b) => a - b)).toEqual(images.map((_, i) => i));
    const decode = await createDecoder(trunk.preprocessing);
    for (const [row, index] of [...indices.entries()].filter(([i]) => i % 9 === 0)) {
      const { plane } = await decode(await readFile(images[index]!.path));
      const { avg_pool } = await small.session.run({ input_layer: { shape: [1, 1, 32, 40], data: plane } });
      const own = values.subarray(row * trunk.columns, (row + 1) * trunk.columns);
      const { difference, scale } = largestDifference(own, avg_pool!.data);
      expect(difference).toBeLessThan(1e-5 * scale); // ONNX Runtime may sum a batch of one in another order
    }
  });

  it("gives the same bytes for every batch size, the last batch being smaller or the only one", async () => {
    const reference = await extract();
    for (const batch of [1, 17, readable, 500]) {
      const { through, rows } = watched();
      const { values, indices } = await extract({ batch, through });
      expect(indices).toEqual(reference.indices);
      expect(largestDifference(values, reference.values).difference).toBeLessThan(1e-5 * 6); // relu6: values up to 6
      const full = Math.floor(readable / batch);
      expect(rows).toEqual([...Array<number>(full).fill(batch), ...(readable % batch === 0 ? [] : [readable % batch])]);
    }
  });

  it("counts the 16-bit images that hold 12 bits", async () => {
    expect((await extract()).twelveBit).toBe(4); // 2 PNG, 2 TIFF, as the fixtures' README lists them
  });

  it("reports every image once, skipped ones too, up to all", async () => {
    const done: number[] = [];
    await extract({ onProgress: (progress) => done.push(progress.done) });
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBe(images.length);
  });

  it("handles no images", async () => {
    const { values, indices } = await extract({ of: [] });
    expect([values.length, indices.length]).toEqual([0, 0]);
  });
});

describe("extracting features with a cache", () => {
  it("gives the same bytes without one, with an empty and with a full one, which computes nothing", async () => {
    const without = await extract();
    const first = await extract({ cache: await openCache() });
    const { through, rows } = watched();
    const second = await extract({ cache: await openCache(), through });
    expect(first.values).toEqual(without.values);
    expect(second.values).toEqual(without.values);
    expect([first.computed, first.cached, second.computed, second.cached]).toEqual([readable, 0, 0, readable]);
    expect(rows).toEqual([]);
    expect(second.skips).toEqual(without.skips);
  });

  it("computes only what is new, and puts both in the order of the images", async () => {
    const without = await extract();
    await extract({ cache: await openCache(), of: images.filter((_, i) => i % 3 === 0) });
    const { values, computed, cached } = await extract({ cache: await openCache() });
    expect(computed + cached).toBe(readable);
    expect(cached).toBeGreaterThan(15);
    // Images were computed in other batches: rounding, not bytes.
    expect(largestDifference(values, without.values).difference).toBeLessThan(1e-5 * 6);
  });

  it("computes again what lay in a damaged chunk", async () => {
    const first = await extract({ cache: await openCache() });
    const [name] = await readdir(join(small.folder, "features", trunk.key.slice(0, 32)));
    await rm(join(small.folder, "features", trunk.key.slice(0, 32), name!));
    const second = await extract({ cache: await openCache() });
    expect([second.computed, second.cached]).toEqual([readable, 0]);
    expect(second.values).toEqual(first.values);
  });

  it("says what to do when a chunk disappears between looking and reading", async () => {
    await extract({ cache: await openCache() });
    const cache = await openCache();
    await rm(join(small.folder, "features"), { recursive: true });
    await expect(extract({ cache })).rejects.toThrow(
      "the feature cache changed while it was read; run the command again",
    );
  });

  it("takes an image that occurs twice, in one batch or in two, for the same", async () => {
    const source = images.find(({ relative }) => relative === "disc/gray-8bit.png")!.path;
    const other = images.find(({ relative }) => relative === "stripes/gray-8bit.png")!.path;
    await copyFile(source, join(small.folder, "copy.png"));
    const of = [source, join(small.folder, "copy.png"), other, source].map((path) => ({ path }));
    for (const batch of [1, 2, 4]) {
      const cache = await openCache();
      const { values, indices } = await extract({ of, batch, cache });
      const row = (i: number) => values.subarray(i * trunk.columns, (i + 1) * trunk.columns);
      expect(indices).toEqual([0, 1, 2, 3]);
      expect(row(1)).toEqual(row(0));
      expect(largestDifference(row(3), row(0)).difference).toBeLessThan(1e-5 * 6);
      expect(largestDifference(row(2), row(0)).difference).toBeGreaterThan(0.01);
    }
  });
});

describe("stopping an extraction", () => {
  it("throws the reason and keeps what was computed: the next run goes on from there", async () => {
    const controller = new AbortController();
    const reason = new Error("stopped by the test");
    const onProgress = ({ done }: { readonly done: number }) => {
      if (done >= 20) controller.abort(reason);
    };
    const stopped = extract({ cache: await openCache(), signal: controller.signal, onProgress });
    await expect(stopped).rejects.toBe(reason);
    const { cached, computed, values } = await extract({ cache: await openCache() });
    expect(cached).toBeGreaterThanOrEqual(16); // two whole batches were reported done
    expect(cached + computed).toBe(readable);
    expect(computed).toBeGreaterThan(0);
    expect(values).toEqual((await extract()).values);
  });

  it("throws the error of a runtime that fails, once, and keeps what was computed before", async () => {
    const { through } = watched((run) => {
      if (run >= 3) throw new Error("out of memory");
    });
    await expect(extract({ cache: await openCache(), through })).rejects.toThrow("out of memory");
    await sleep(10); // an unhandled rejection of another batch would fail this run
    expect((await extract({ cache: await openCache() })).cached).toBe(16);
  });

  it("throws when the features cannot be kept", async () => {
    const cache = await openCache();
    vi.spyOn(cache, "save").mockRejectedValue(new InputError("the disk is full"));
    await expect(extract({ cache })).rejects.toThrow("the disk is full");
  });
});

describe("memory", () => {
  it("holds a few batches at most: reading waits while the trunk is busy", async () => {
    const batch = 4;
    const cache = await openCache();
    const looked = vi.spyOn(cache, "has"); // asked once for each image that is read, before it is decoded
    const readAhead: number[] = [];
    const { through, rows } = watched(async (run) => {
      if (run > 1) return;
      await sleep(300); // time enough to read all of them
      readAhead.push(looked.mock.calls.length);
    });
    await extract({ cache, batch, through });
    // In the trunk: one batch that computes, two that wait. Two more are read ahead, and one is in the making.
    expect(readAhead[0]).toBeLessThanOrEqual(6 * batch);
    expect(rows).toHaveLength(Math.ceil(readable / 4));
  });
});
