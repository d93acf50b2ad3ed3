/**
 * (h) `check` on many files: seconds and peak memory, and cleanvision's report on the same folder after it, where
 * GRAYLING_PYTHON_CLEANVISION names a Python that has it. Half are gray JPEG, half 16-bit PNG, of 256 × 256 px.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { SeededRandom } from "@grayling/core";
import sharp from "sharp";
import { printTable, verdict } from "./print-table.mjs";

const side = 256; // px
const goal = { files: 10_000, seconds: 60, megabytes: 500, ratio: 1 };
const run = promisify(execFile);

export async function benchCheck({ images: files = goal.files } = {}) {
  console.log(`(h) check on ${files} files; goal: under ${goal.seconds} s for ${goal.files}, and ${goal.megabytes} MB`);
  const folder = await mkdtemp(join(tmpdir(), "grayling-bench-"));
  try {
    await makeFolder(folder, files);
    const script = fileURLToPath(new URL("check-once.mjs", import.meta.url));
    const { stdout } = await run(process.execPath, [script, folder], { maxBuffer: 2 ** 26 });
    const { seconds, cpuSeconds, peakMegabytes } = JSON.parse(stdout);
    const isMet = seconds < (goal.seconds * files) / goal.files && peakMegabytes < goal.megabytes;
    printTable(
      ["files", "seconds", "ms per file", "processor s", "peak MB", "goal"],
      [
        [
          String(files),
          seconds.toFixed(1),
          ((1000 * seconds) / files).toFixed(2),
          cpuSeconds.toFixed(1),
          peakMegabytes.toFixed(0),
          verdict(isMet),
        ],
      ],
    );
    await compare(folder, files, seconds);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Each once, one after the other. */
async function compare(folder, files, own) {
  const python = process.env.GRAYLING_PYTHON_CLEANVISION;
  if (!python)
    return console.log("    cleanvision: skipped, GRAYLING_PYTHON_CLEANVISION names no Python that has it\n");
  const script = fileURLToPath(new URL("peers/check.py", import.meta.url));
  const args = [script, folder, String(availableParallelism())];
  const { stdout } = await run(python, args, { maxBuffer: 2 ** 26 }).catch((error) => ({ stdout: error.stdout }));
  const [last] = stdout.trim().split("\n").slice(-1);
  if (!last.startsWith("{")) return console.log(`    cleanvision: skipped, ${last || "it did not start"}\n`);
  const peer = JSON.parse(last);
  if (peer.files !== files) throw new Error(`cleanvision looked at ${peer.files} of ${files} files`);
  const ratio = peer.seconds / own;
  console.log(`  ${peer.versions}: ${peer.seconds.toFixed(1)} s, check is ${ratio.toFixed(2)} × as fast`);
  console.log(`  goal ${goal.ratio}: ${verdict(ratio >= goal.ratio)}\n`);
}

async function makeFolder(folder, files) {
  const random = new SeededRandom(0, "check");
  const noise = Uint8Array.from({ length: 2 * side * side }, () => random.integer(20));
  for (let label = 0; label < 10; label++) {
    const own = join(folder, `class-${label}`);
    await mkdir(own);
    for (let i = 0; i < files / 10; i++) {
      const isJpeg = i % 2 === 0;
      await writeFile(join(own, `${i}.${isJpeg ? "jpg" : "png"}`), await encode(waves(random, noise), isJpeg));
    }
  }
}

/** Two waves of random directions, and noise: levels 0–255. */
function waves(random, noise) {
  const [a, b, c, d] = Array.from({ length: 4 }, () => 0.2 * (random.next() - 0.5));
  const from = random.integer(side * side);
  return Uint8Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [i % side, i >> 8];
    return 118 + 50 * Math.sin(a * x + b * y) + 50 * Math.sin(c * x - d * y) + noise[from + i];
  });
}

function encode(levels, isJpeg) {
  const raw = { width: side, height: side, channels: 1 };
  if (isJpeg) return sharp(levels, { raw }).toColourspace("b-w").jpeg({ quality: 90 }).toBuffer();
  return sharp(
    Uint16Array.from(levels, (level) => 257 * level),
    { raw },
  )
    .toColourspace("grey16")
    .png()
    .toBuffer();
}
