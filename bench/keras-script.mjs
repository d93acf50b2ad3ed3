/**
 * (n) The script of the question, whole, in a process of its own each: 2,000 gray JPEG files of 200 × 200 px in nine classes, EfficientNetB0
 * at 84 × 112 with frozen random weights, a head, from files to the saved model. Keras' generators read every file in each of ten epochs; grayling reads it
 * once, and trains the same head for as many epochs on what the network makes of it. Skipped where GRAYLING_PYTHON_KERAS names no Python that has Keras.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { makeTextures } from "./make-textures.mjs";
import { verdict } from "./print-table.mjs";

const goal = 10; // times as fast as Keras
const [classes, epochs] = [9, 10];
const run = promisify(execFile);
const cli = fileURLToPath(new URL("./cli.js", import.meta.resolve("grayling")));
const peer = fileURLToPath(new URL("./peers/keras_script.py", import.meta.url));

export async function benchKerasScript({ images = 2000 } = {}) {
  console.log(
    `(n) the script of the question: ${images} files, B0 at 84 × 112, frozen, ${epochs} epochs of head in Keras`,
  );
  const python = process.env.GRAYLING_PYTHON_KERAS;
  if (!python) return console.log("    skipped, GRAYLING_PYTHON_KERAS names no Python that has it");
  const folder = await mkdtemp(join(tmpdir(), "grayling-bench-"));
  try {
    const data = await makeClasses(join(folder, "images"), images);
    const ours = await timeOf(process.execPath, [cli, "train", data, ...oursFlags, "--out", join(folder, "runs")]);
    const { stdout } = await run(python, [peer, data, String(epochs), folder], { maxBuffer: 2 ** 24 });
    const theirs = JSON.parse(stdout.trim().split("\n").at(-1)).seconds;
    const ratio = theirs / ours;
    console.log(
      `    grayling ${ours.toFixed(1)} s, start and report included; Keras ${theirs.toFixed(1)} s, without its import`,
    );
    console.log(`    ${ratio.toFixed(1)} × as fast, goal ${goal}: ${verdict(ratio >= goal)}\n`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const oursFlags = [
  "--model",
  "efficientnet-b0",
  "--weights",
  "random",
  "--size",
  "84x112",
  "--pooling",
  "max",
  "--no-cache",
];

async function timeOf(command, args) {
  const began = performance.now();
  await run(command, args, { maxBuffer: 2 ** 24 });
  return (performance.now() - began) / 1000;
}

/** Every ninth file into one class: what they show does not matter for the time. */
async function makeClasses(folder, count) {
  const files = await makeTextures(`${folder} unsorted`, { format: "jpeg", height: 200, width: 200, count });
  for (let k = 0; k < classes; k++) await mkdir(join(folder, `class ${k}`), { recursive: true });
  for (const [i, { path }] of files.entries()) await rename(path, join(folder, `class ${i % classes}`, basename(path)));
  return folder;
}
