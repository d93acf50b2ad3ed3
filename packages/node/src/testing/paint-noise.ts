/** A folder of small gray images in two classes, `bright` and `dark`, by turns. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { SeededRandom } from "@grayling/core";
import sharp from "sharp";

export async function paintNoise(root: string, count: number): Promise<void> {
  const random = new SeededRandom(0);
  for (const label of ["bright", "dark"]) await mkdir(join(root, label), { recursive: true });
  for (let i = 0; i < count; i++) {
    const isDark = i % 2 === 1;
    const levels = Uint8Array.from({ length: 24 * 24 }, () => random.integer(isDark ? 128 : 256));
    const image = sharp(levels, { raw: { width: 24, height: 24, channels: 1 } }).toColourspace("b-w");
    await image.png().toFile(join(root, isDark ? "dark" : "bright", `${i}.png`));
  }
}
