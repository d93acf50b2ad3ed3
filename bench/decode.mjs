/**
 * (i) From files to planes of 224 × 224: gray JPEG and 16-bit PNG of 1024 × 1024 px, with two workers on two cores, by the
 * reading path of `train`, by Pillow and by TensorFlow's tf.data. Every round has files of its own, which all contenders
 * read once, in turns, each from the page cache; who begins changes.
 *
 * The files are made once (3 GB for 2,000 of both) and kept for the next run. `--images 200` is a quick run.
 */
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openContender } from "./contender.mjs";
import { makeScans, scanWindow } from "./make-scans.mjs";
import { printTable, verdict } from "./print-table.mjs";
import { median } from "./rounds.mjs";

const goal = 1; // times as fast as the fastest peer
const rounds = 5;
const work = { side: 224, batch: 32, workers: 2 };
const peers = ["pillow-processes", "pillow-threads", "tf-data"];

export async function benchDecode({ images = 2000 } = {}) {
  console.log(`(i) decode and resize ${images} files of 1024 × 1024 to 224 × 224; goal ≥ ${goal} × the faster peer`);
  const folder = join(tmpdir(), "grayling-bench-decode");
  console.log(`    the files stay in ${folder} for the next run`);
  const contenders = await openAll();
  try {
    for (const format of ["jpeg", "png"]) report(format, await measure(contenders, folder, format, images));
  } finally {
    for (const { close } of contenders.values()) await close();
  }
}

async function openAll() {
  const python = process.env.GRAYLING_PYTHON_KERAS;
  if (!python) console.log("    peers: skipped, GRAYLING_PYTHON_KERAS names no Python that has TensorFlow and Pillow");
  const script = (name) => fileURLToPath(new URL(name, import.meta.url));
  const commands = [
    ["grayling", [process.execPath, script("decode-child.mjs"), JSON.stringify(work)]],
    ...(python ? peers.map((name) => [name, [python, script("peers/decode.py"), name, JSON.stringify(work)]]) : []),
  ];
  const contenders = new Map();
  for (const [name, own] of commands) {
    const [command, ...args] = [...twoCores(), ...own];
    const opened = await openContender({ name, command, args });
    if (!opened) continue;
    contenders.set(name, opened);
    console.log(`    ${name}: ${opened.versions}`);
  }
  return contenders;
}

/** What holds a process to two cores, where there are more and Linux has it. */
function twoCores() {
  if (availableParallelism() <= 2) return [];
  if (spawnSync("taskset", ["--version"]).status === 0) return ["taskset", "--cpu-list", "0,1"];
  console.log("    taskset is missing: the contenders are not held to two cores");
  return [];
}

async function measure(contenders, folder, format, images) {
  const paths = await makeScans(folder, format, images);
  const samples = new Map([...contenders.keys()].map((name) => [name, []]));
  const names = [...contenders.keys()];
  const warmUp = { ...scanWindow[format], paths: paths.slice(0, 32) };
  for (const name of names) await contenders.get(name).ask(JSON.stringify(warmUp));
  for (let round = 0; round < rounds; round++) {
    const own = paths.filter((_, i) => i % rounds === round);
    for (const path of own) await readFile(path);
    const line = JSON.stringify({ ...scanWindow[format], paths: own });
    const first = round % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      samples.get(name).push(await contenders.get(name).ask(line));
    }
  }
  checkSame(samples);
  return samples;
}

/** All must have read all files, to the same levels but for rounding. */
function checkSame(samples) {
  const own = samples.get("grayling");
  for (const [name, taken] of samples) {
    for (const [round, { images, mean }] of taken.entries()) {
      if (images === own[round].images && Math.abs(mean - own[round].mean) < 0.5) continue;
      throw new Error(
        `${name} made ${images} planes of mean ${mean}, grayling ${own[round].images} of ${own[round].mean}`,
      );
    }
  }
}

function report(format, samples) {
  const own = samples.get("grayling");
  const ratio = (taken, of) => median(taken.map((sample, round) => of(sample) / of(own[round])));
  const rows = [...samples].map(([name, taken]) => {
    const [ms, cpuMs] = [({ ms, images }) => ms / images, ({ cpuMs, images }) => cpuMs / images];
    const isPeer = name !== "grayling";
    return [
      name,
      median(taken.map(ms)).toFixed(2),
      median(taken.map(cpuMs)).toFixed(2),
      isPeer ? ratio(taken, ms).toFixed(2) : "",
      isPeer ? ratio(taken, cpuMs).toFixed(2) : "",
    ];
  });
  console.log(`\n  ${format === "png" ? "16-bit PNG" : "JPEG"}`);
  printTable(["", "ms/image", "core-ms/image", "grayling is × as fast", "by core time"], rows);
  const ratios = [...samples].filter(([name]) => name !== "grayling").map(([, taken]) => ratio(taken, ({ ms }) => ms));
  if (ratios.length === 0) return;
  const least = Math.min(...ratios);
  console.log(`  ${least.toFixed(2)} × the faster peer, goal ${goal}: ${verdict(least >= goal)}\n`);
}
