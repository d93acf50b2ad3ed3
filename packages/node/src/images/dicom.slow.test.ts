import { readdirSync, readFileSync } from "node:fs";
import { InputError, SeededRandom } from "@grayling/core";
import { expect, it } from "vitest";
import { repositoryFolder } from "../testing/repository-folder.js";
import { openDicom } from "./dicom.js";
import { loadTurboJpeg } from "./turbo-jpeg.js";

const folder = repositoryFolder("fixtures", "dicom");
const names = readdirSync(folder).filter((name) => name.endsWith(".dcm"));
const decodeLuma = await loadTurboJpeg();

/** A picture may claim more pixels than its bytes could hold, where it is compressed; larger ones cost only time here. */
const maxPixels = 1e6;

/** One of the damages that files meet: bytes changed, cut off, doubled or taken out; lengths of 4 GB. */
function mutate(whole: Uint8Array, random: SeededRandom): Uint8Array {
  const bytes = Buffer.from(whole);
  const at = 132 + random.integer(bytes.length - 132);
  const kind = random.integer(5);
  if (kind === 0) return bytes.subarray(0, at);
  if (kind === 1) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.integer(16))]);
  if (kind === 2) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(132, at - random.integer(64)))]);
  if (kind === 3) bytes.fill(0xff, at, Math.min(at + 4, bytes.length));
  for (let flips = 1 + random.integer(4); flips > 0; flips--) {
    bytes[132 + random.integer(bytes.length - 132)] = random.integer(256);
  }
  return bytes;
}

it("answers 5,000 damaged files with values or one line of an InputError, each within a second", () => {
  const random = new SeededRandom(6, "dicom");
  const read = { values: 0, refused: 0 };
  for (let round = 0; round < 5000; round++) {
    const name = names[round % names.length]!;
    const bytes = mutate(readFileSync(`${folder}/${name}`), random);
    const start = performance.now();
    try {
      const file = openDicom(bytes, maxPixels);
      for (let frame = 1; frame <= Math.min(file.frames, 3); frame++) {
        const { height, width, range, readValues } = file.readFrame(frame, decodeLuma);
        const values = new Float32Array(height * width);
        readValues(0, values);
        // In float32, of values that may be large.
        const slack = 1e-6 * Math.max(Math.abs(range.low), Math.abs(range.high));
        for (const value of values) {
          if (!(value >= range.low - slack && value <= range.high + slack)) throw new Error(`${value} in ${name}`);
        }
      }
      read.values++;
    } catch (error) {
      expect(error, `${name}, round ${round}`).toBeInstanceOf(InputError);
      expect((error as InputError).message).not.toMatch(/\n|internal|undefined|NaN/);
      read.refused++;
    }
    expect(performance.now() - start, `${name}, round ${round}`).toBeLessThan(1000);
  }
  expect(read.values).toBeGreaterThan(500); // the damage is not so coarse that nothing gets past the header
  expect(read.refused).toBeGreaterThan(500);
});
