/** Explanations of runs that tell pictures with a mark from those without: where the mark is is known, so maps can be wrong. */
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { largestDifference, peakOf, SeededRandom } from "@grayling/core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openClassifier } from "../predict/open-classifier.js";
import { predict } from "../predict/predict.js";
import { OrtRuntime } from "../runtime/ort-runtime.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { sharedFolder } from "../testing/shared-folder.js";
import { train } from "../train/train.js";
import { camOverlay } from "./cam-overlay.js";
import { type ExplainedImage, type ExplainImagesOptions, explainImages } from "./explain-images.js";
import { type Explainable, openExplainable } from "./open-explainable.js";
import { pictureNames, writeExplanations } from "./write-explanations.js";

const runtime = new OrtRuntime();
const [height, width, mark] = [128, 192, 32]; // px
const perClass = 24;
const fresh = 12; // pictures with a mark that no run has seen
const firstFresh = 1000; // seed

let folder: string;
const runs = new Map<string, string>();

/** Where the mark of a picture is. */
function placeOf(seed: number): { readonly top: number; readonly left: number } {
  const random = new SeededRandom(seed, "mark");
  return { top: random.integer(height - mark), left: random.integer(width - mark) };
}

/** Noise around middle gray; a marked one has a checkerboard of single pixels somewhere, of the same mean. */
function picture(seed: number, isMarked: boolean): Promise<Buffer> {
  const random = new SeededRandom(seed, `noise ${isMarked}`);
  const { top, left } = placeOf(seed);
  const levels = Uint8Array.from({ length: height * width }, (_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    const isInside = isMarked && y >= top && y < top + mark && x >= left && x < left + mark;
    return 125 + random.integer(7) + (isInside ? ((x + y) % 2 === 0 ? 60 : -60) : 0);
  });
  return sharp(levels, { raw: { width, height, channels: 1 } })
    .toColourspace("b-w")
    .png()
    .toBuffer();
}

const freshPath = (i: number) => join(folder, "fresh", `${i}.png`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling explain ü-"));
  for (const name of ["surfaces/flawless", "surfaces/marked", "fresh"])
    await mkdir(join(folder, name), { recursive: true });
  for (let i = 0; i < perClass; i++) {
    for (const label of ["flawless", "marked"])
      await writeFile(join(folder, "surfaces", label, `${i}.png`), await picture(i, label === "marked"));
  }
  for (let i = 0; i < fresh; i++) await writeFile(freshPath(i), await picture(firstFresh + i, true));
  const fits = { stretch: [128, 192], crop: [128, 128], letterbox: [160, 192], tile: [96, 96] } as const;
  for (const [fit, [rows, columns]] of Object.entries(fits) as [keyof typeof fits, readonly [number, number]][]) {
    const place = { out: join(folder, "runs"), name: fit, cache: join(folder, "cache"), check: false };
    const run = await train(join(folder, "surfaces"), {
      report: false,
      fit,
      height: rows,
      width: columns,
      validation: 0.5,
      ...place,
    });
    runs.set(fit, run.folder);
  }
}, 300_000);
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

const openRun = (fit: string) => openExplainable(runs.get(fit)!);

async function explainAll(
  explainable: Explainable,
  paths: readonly string[],
  options: ExplainImagesOptions = {},
): Promise<ExplainedImage[]> {
  const explained: ExplainedImage[] = [];
  const images = paths.map((path) => ({ path }));
  for await (const image of explainImages(runtime, explainable, images, options)) explained.push(image);
  return explained;
}

const allFresh = () => Array.from({ length: fresh }, (_, i) => freshPath(i));

/** How many maps have their largest cell within one cell of the mark. */
function countHits(images: readonly ExplainedImage[], cell: number): number {
  return images.filter(({ index, classes }) => {
    const { x, y } = peakOf(classes[0]!.maps);
    const { top, left } = placeOf(firstFresh + index);
    const isNear = (at: number, start: number) => at > start - cell && at < start + mark + cell;
    return isNear(x, left) && isNear(y, top);
  }).length;
}

describe("explaining images", () => {
  it.each(["stretch", "crop", "letterbox", "tile"])("says of a picture what predict says: %s", async (fit) => {
    const classifier = await openClassifier(runtime, runs.get(fit)!);
    const explained = await explainAll(await openRun(fit), allFresh(), { batch: 5 });
    let i = 0;
    for await (const { label, isUnknown, probabilities } of predict(classifier, allFresh())) {
      const { index, ...image } = explained[i]!;
      expect(index).toBe(i++);
      expect([image.label, image.isUnknown]).toEqual([label, isUnknown]);
      expect(image.classes.map((one) => one.label)).toEqual([label]);
      // The same weights in a graph with one more output: other fusions, other rounding.
      expect(largestDifference(image.probabilities, probabilities).difference).toBeLessThan(1e-5);
    }
    expect(i).toBe(fresh);
  });

  // The mark and a cell around it are 37 % of the picture: 9 of 12 or more would come by chance once in a hundred times.
  it.each([
    ["stretch", "grad-cam"],
    ["stretch", "grad-cam++"],
    ["stretch", "cam"],
    ["stretch", "occlusion"],
    ["letterbox", "grad-cam"],
    ["tile", "grad-cam"],
  ] as const)("finds the mark in the picture's own pixels: %s, %s", async (fit, method) => {
    const explained = await explainAll(await openRun(fit), allFresh(), { method, className: "marked" });
    expect(explained).toHaveLength(fresh);
    expect(explained.every((image) => image.height === height && image.width === width)).toBe(true);
    expect(countHits(explained, 32)).toBeGreaterThanOrEqual(9);
  });

  it("gives the closed form what Grad-CAM gives, where it is above 0", async () => {
    const explainable = await openRun("tile");
    const options = { className: "flawless" }; // of tiles with the mark not the class that they get themselves
    const [closed] = await explainAll(explainable, [freshPath(0)], { ...options, method: "cam" });
    const [gradient] = await explainAll(explainable, [freshPath(0)], options);
    expect(gradient!.classes[0]!.maps).toHaveLength(2 * 2);
    for (const [i, { values, region }] of gradient!.classes[0]!.maps.entries()) {
      const other = closed!.classes[0]!.maps[i]!;
      expect(other.region).toEqual(region);
      const positive = other.values.map((value) => Math.max(0, value));
      const { difference, scale } = largestDifference(values, positive);
      expect(difference).toBeLessThan(1e-5 * Math.max(1, scale)); // sums of 1,280 products in float32, in two orders
    }
  });

  it("explains further classes, the called one first, and any layer, also one that folding merges into the next", async () => {
    const explainable = await openRun("stretch");
    const [both] = await explainAll(explainable, [freshPath(0)], { top: 5 });
    expect(both!.classes.map(({ label }) => label)).toEqual(["marked", "flawless"]);
    const [one] = await explainAll(explainable, [freshPath(0)], { className: "flawless" });
    expect(both!.classes[1]).toEqual(one!.classes[0]);
    for (const [layer, rows, columns] of [
      ["block5c_add", 8, 12],
      ["top_conv", 4, 6],
    ] as const) {
      const [image] = await explainAll(explainable, [freshPath(0)], { layer });
      expect(image!.classes[0]!.maps[0]).toMatchObject({ rows, columns });
    }
  });

  it("goes on where a picture is broken, and says so", async () => {
    const paths = [freshPath(0), repositoryFolder("fixtures", "mixed-bits", "disc", "truncated.png"), freshPath(1)];
    const skipped: string[] = [];
    const onSkip = (index: number, reason: string) => void skipped.push(`${index}: ${reason}`);
    const explained = await explainAll(await openRun("stretch"), paths, { onSkip });
    expect(explained.map(({ index }) => index)).toEqual([0, 2]);
    expect(skipped).toEqual(["1: truncated PNG"]);
  });

  it("refuses what the model does not have, and names what is near", async () => {
    const explainable = await openRun("stretch");
    const failure = (options: ExplainImagesOptions) => explainAll(explainable, [freshPath(0)], options);
    await expect(failure({ className: "markd" })).rejects.toThrow(
      'class "markd": the model does not know it (did you mean "marked"?), expected one of flawless, marked',
    );
    await expect(failure({ className: "marked", top: 2 })).rejects.toThrow("expected either it or a class");
    await expect(failure({ layer: "top_activaton" })).rejects.toThrow('did you mean "top_activation"?');
    await expect(failure({ layer: "avg_pool" })).rejects.toThrow("expected a map [N, C, H, W]");
    await expect(failure({ layer: "block5c_add", method: "cam" })).rejects.toThrow("cam looks at no layer of choice");
  });
});

describe("opening a model to explain", () => {
  it("takes the model file of a run for the run, and refuses one that has left it", async () => {
    const run = runs.get("stretch")!;
    const { source, classes } = await openExplainable(join(run, "model.onnx"));
    expect([source, classes]).toEqual([run, ["flawless", "marked"]]);
    const alone = join(folder, "alone.onnx");
    await copyFile(join(run, "model.onnx"), alone);
    await expect(openExplainable(alone)).rejects.toThrow(
      "an ONNX file keeps no layers to explain, expected the run folder",
    );
  });

  it("takes a classifier that Keras saved, with max pooling", async (context) => {
    const path = sharedFolder("golden", "weights", "user_model.keras");
    if (path === undefined || !existsSync(path)) return context.skip("no user_model.keras in shared/golden/weights");
    const explainable = await openExplainable(path);
    const [image] = await explainAll(explainable, [freshPath(0)]);
    expect(image!.classes[0]!.maps[0]).toMatchObject({ rows: 3, columns: 4 });
    await expect(explainAll(explainable, [freshPath(0)], { method: "cam" })).rejects.toThrow("use grad-cam");
  });
});

describe("writing explanations", () => {
  it("leaves a picture for each image, and the numbers behind it", async () => {
    const explainable = await openRun("tile");
    const out = join(folder, "written");
    const paths = [join(folder, "fresh"), repositoryFolder("fixtures", "mixed-bits", "disc", "truncated.png")];
    const { images, skipped } = await writeExplanations(runtime, explainable, paths, { out, top: 2, width: 300 });
    expect(images).toHaveLength(fresh);
    expect(skipped.map(({ reason }) => reason)).toEqual(["truncated PNG"]);
    const { width: cardWidth, format } = await sharp(await readFile(join(out, images[0]!.picture))).metadata();
    expect([format, cardWidth]).toEqual(["png", 16 + 3 * (300 + 16)]);
    const json = JSON.parse(await readFile(join(out, "cam.json"), "utf8"));
    expect(json).toMatchObject({ model: runs.get("tile"), method: "grad-cam", framing: { fit: "tile" } });
    expect(json.images[0].classes).toHaveLength(2);
    const { maps } = images[0]!.explained.classes[0]!;
    expect(json.images[0].classes[0].maps[0].region).toEqual(maps[0]!.region);
    expect(json.images[0].classes[0].maps[0].values[3]).toBeCloseTo(maps[0]!.values[3]!, 4);
    const lines = (await readFile(join(out, "cam.csv"), "utf8")).trim().split("\n");
    expect(lines[0]).toBe("path,class,probability,largest,x,y,picture");
    expect(lines).toHaveLength(1 + 2 * fresh);
  });

  it("gives every image a name of its own, and never that of the image", () => {
    const files = ["in/a.png", "in/a.jpg", "in/x/a.png", "b.tif", "other/A.png"].map((path) => ({ path }));
    const names = pictureNames(["in", "b.tif", "other/A.png"], [...files, { path: "b.tif", page: 3 }]);
    expect(names).toEqual(["a.cam.png", "a-2.cam.png", "x/a.cam.png", "b.cam.png", "A-3.cam.png", "b-3.cam.png"]);
  });

  it("refuses folders without images, and files of which none can be read", async () => {
    const explainable = await openRun("stretch");
    await mkdir(join(folder, "empty"));
    const into = (path: string) => writeExplanations(runtime, explainable, [path], { out: join(folder, "none") });
    await expect(into(join(folder, "empty"))).rejects.toThrow("expected images below it, got none");
    const broken = repositoryFolder("fixtures", "mixed-bits", "disc", "truncated.png");
    await expect(into(broken)).rejects.toThrow("explain-image: none of the 1 files could be read");
  });
});

describe("camOverlay", () => {
  it("lays the map over the whole picture, paler where the model saw nothing", async () => {
    const [image] = await explainAll(await openRun("crop"), [freshPath(0)], { className: "marked" });
    const file = { path: freshPath(0) };
    const { png, limit } = await camOverlay({ ...image!, file, maps: image!.classes[0]!.maps }, { width: 96 });
    expect(limit).toBeCloseTo(peakOf(image!.classes[0]!.maps).value, 6);
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 96, height: 64, channels: 3 });
    const pixel = (y: number, x: number) => [...data.subarray(3 * (y * 96 + x), 3 * (y * 96 + x) + 3)];
    const [pale, seen] = [pixel(10, 5), pixel(32, 48)]; // 128 × 128 of 128 × 192 px were given: 16 … 79 of 96
    expect(new Set(pale).size).toBe(1);
    expect(pale[0]).toBeGreaterThan(190);
    expect(new Set(seen).size).toBeGreaterThan(1);
  });
});
