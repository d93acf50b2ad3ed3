/**
 * (m) The report of a run with 5,000 images that validate: JPEG files of 224 × 224 px in ten classes with labels drawn at random, so
 * that nearly all are mistaken and every cell of the confusion matrix has its pictures: the most that a report draws. Reading the run,
 * pictures, heat maps, charts and writing count.
 */
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeededRandom } from "@grayling/core";
import { openRuntime, train, writeReport } from "grayling";
import { makeTextures } from "./make-textures.mjs";
import { printTable, verdict } from "./print-table.mjs";

const goal = 10; // s
const goalBytes = 15e6;
const rounds = 3;
const classes = 10;
const training = 1000; // images

export async function benchReport({ images = 5000 } = {}) {
  console.log(`(m) the report of a run with ${images} images that validate; goal: ≤ ${goal} s`);
  const folder = await mkdtemp(join(tmpdir(), "grayling-bench-"));
  const runtime = openRuntime({ device: "cpu", onFallback: console.error });
  try {
    const run = await makeRun(folder, images);
    const [seconds, processor] = [[], []];
    for (let round = 0; round < rounds; round++) {
      const [start, before] = [performance.now(), process.cpuUsage()];
      await writeReport(run, { runtime });
      const { user, system } = process.cpuUsage(before);
      seconds.push((performance.now() - start) / 1000);
      processor.push((user + system) / 1e6);
    }
    const { size } = await stat(join(run, "report.html"));
    const [[least, median], [, ofProcessor]] = [seconds, processor].map((own) => own.sort((a, b) => a - b));
    printTable(
      ["", "s, median", "s, least", "processor s", "MB"],
      [["report", ...[median, least, ofProcessor, size / 1e6].map((value) => value.toFixed(2))]],
    );
    console.log(
      `  report: ${median.toFixed(2)} s: ${verdict(median <= goal)}, ${(size / 1e6).toFixed(1)} MB: ${verdict(size <= goalBytes)}\n`,
    );
  } finally {
    await runtime.close();
    await rm(folder, { recursive: true });
  }
}

/** Trained as any other. */
async function makeRun(folder, images) {
  const files = await makeTextures(folder, { format: "jpeg", height: 224, width: 224, count: training + images });
  const random = new SeededRandom(0, "labels");
  const lines = files.map(
    ({ path }, i) => `${path},class ${random.integer(classes)},${i < training ? "train" : "val"}`,
  );
  const dataset = join(folder, "images.csv");
  await writeFile(dataset, `path,label,split\n${lines.join("\n")}\n`);
  const settings = { out: folder, name: "run", cache: join(folder, "cache"), check: false };
  return (await train(dataset, settings)).folder;
}
