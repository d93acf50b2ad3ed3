/** Writes seeded gray textures as files: waves with noise, which compress as photographs do. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SeededRandom } from "@grayling/core";
import sharp from "sharp";

/** @returns `[{ path }]`, in a folder of its own below `folder` */
export async function makeTextures(folder, { format, height, width, count }) {
  const own = join(folder, `${format}-${height}x${width}`);
  await mkdir(own, { recursive: true });
  const random = new SeededRandom(0, `${format} ${height} ${width}`);
  const paths = [];
  for (let i = 0; i < count; i++) {
    const image = sharp(texture(random, height, width), { raw: { width, height, channels: 1 } }).toColourspace("b-w");
    const path = join(own, `${i}.${format}`);
    await writeFile(path, await (format === "jpeg" ? image.jpeg({ quality: 90 }) : image.png()).toBuffer());
    paths.push({ path });
  }
  return paths;
}

function texture(random, height, width) {
  const [down, across, contrast] = [random.next() * 0.2, random.next() * 0.2, 20 + random.next() * 60];
  return Uint8Array.from({ length: height * width }, (_, i) => {
    const wave = Math.sin(down * Math.floor(i / width) + across * (i % width));
    return 128 + contrast * wave + (random.next() - 0.5) * 20;
  });
}
