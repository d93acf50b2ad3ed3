/** Seeded pictures of 1024 × 1024 px, each with a content of its own: gray JPEG, and PNG of 12 bits in 16. */
import { access, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SeededRandom } from "@grayling/core";
import sharp from "sharp";

const side = 1024; // px
const atOnce = 4;

export const scanWindow = { jpeg: { low: 0, high: 255 }, png: { low: 0, high: 4095 } };

/** The paths; files that an earlier run has made stay as they are. */
export async function makeScans(folder, format, count) {
  const own = join(folder, format);
  await mkdir(own, { recursive: true });
  const random = new SeededRandom(0, "noise of scans");
  const noise = Float32Array.from({ length: 2 * side * side }, () => random.next() - 0.5);
  const paths = Array.from({ length: count }, (_, i) => join(own, `${i}.${format}`));
  const left = paths.entries();
  const work = async () => {
    for (const [i, path] of left) if (!(await isThere(path))) await writeScan(path, format, i, noise);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return paths;
}

const isThere = (path) =>
  access(path).then(
    () => true,
    () => false,
  );

async function writeScan(path, format, index, noise) {
  const samples = format === "jpeg" ? new Uint8Array(side * side) : new Uint16Array(side * side);
  fillScan(samples, scanWindow[format].high, new SeededRandom(0, `scan ${format} ${index}`), noise);
  const picture = sharp(samples, { raw: { width: side, height: side, channels: 1 } });
  const encoded =
    format === "jpeg"
      ? picture.toColourspace("b-w").jpeg({ quality: 90 })
      : picture.toColourspace("grey16").png({ adaptiveFiltering: true });
  await writeFile(`${path}.part`, await encoded.toBuffer());
  await rename(`${path}.part`, path);
}

/** The product of two waves, one down and one across, and noise of ±3 % from a place of its own. */
function fillScan(samples, white, random, noise) {
  const wave = () => {
    const [slow, fast] = [random.next() * 0.03, random.next() * 0.2];
    return Float32Array.from({ length: side }, (_, i) => 0.8 * Math.sin(slow * i) + 0.2 * Math.sin(fast * i));
  };
  const [down, across, from] = [wave(), wave(), random.integer(side * side)];
  for (let y = 0, i = 0; y < side; y++) {
    for (let x = 0; x < side; x++, i++) {
      samples[i] = white * (0.5 + 0.45 * down[y] * across[x] + 0.06 * noise[from + i]);
    }
  }
}
