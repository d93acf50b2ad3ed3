/**
 * The gray images that Keras' recorded outputs were computed from: bilinear noise on a grid of 8 px, as a function.
 * Source: `golden/README.md`, section "Values", of the shared project data.
 */

/** Levels 0–255, [count, height, width]. */
export function goldenGray(count: number, height: number, width: number): Float32Array {
  const levels = new Float32Array(count * height * width);
  for (let i = 0; i < levels.length; i++) {
    const [x, y] = [i % width, Math.floor(i / width) % height];
    levels[i] = levelAt(Math.floor(i / (width * height)), y, x);
  }
  return levels;
}

function levelAt(image: number, y: number, x: number): number {
  const [row, column, down, across] = [y >> 3, x >> 3, y & 7, x & 7];
  const [top, bottom] = [row, row + 1].map(
    (j) => corner(image, j, column) * (8 - across) + corner(image, j, column + 1) * across,
  );
  return (top! * (8 - down) + bottom! * down + 32) >> 6;
}

/** MurmurHash3's finalizer of the corner's number, its lowest byte. */
function corner(image: number, row: number, column: number): number {
  let hash = Math.imul(image * 65536 + row * 256 + column, 0x9e3779b9);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) & 255;
}
