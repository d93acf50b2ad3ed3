/**
 * The weights and images of the golden fixtures, as functions, so that no test needs a file for them.
 * Source: `golden/README.md`, section "Values", of the shared project data; Keras computed its fixtures from the same.
 */
import { sizeOf } from "../graph/tensor.js";

const residualProjection = /^block\d+[b-z]_project_conv$/;

/** ImageNet's RGB constants; what Keras calls the variance is the deviation. */
const normalization: Readonly<Record<string, readonly number[]>> = {
  mean: [0.485, 0.456, 0.406],
  variance: [0.229, 0.224, 0.225],
  count: [0],
};

/** FNV-1a, 32 bits. The paths are ASCII, so a character is a byte. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** The finalizer of MurmurHash3, 32 bits. */
export function fmix32(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The `i`-th number of a path, in (−1, 1), in steps of 1/2048. */
export const unit = (path: string, i: number): number => unitOfHash(fnv1a(path), i);

const unitOfHash = (hash: number, i: number): number =>
  ((fmix32((hash + Math.imul(i % 4093, 0x9e3779b9)) >>> 0) >>> 20) - 2047.5) / 2048;

/**
 * A variable's values, row major in Keras' layout (HWIO, depthwise (h, w, channels, 1), dense (in, out)).
 * `path` is `layer/variable` in Keras 3's names: `block1a_dwconv/kernel`. Throws for a variable that the fixtures lack.
 */
export function goldenWeight(path: string, kerasShape: readonly number[]): Float32Array {
  const [layer = "", variable = ""] = path.split("/");
  const constant = layer === "normalization" ? normalization[variable] : undefined;
  if (constant) return Float32Array.from(constant);
  const { scale, offset } = affineOf(layer, variable, kerasShape);
  const hash = fnv1a(path);
  return Float32Array.from({ length: sizeOf(kerasShape) }, (_, i) => offset + scale * unitOfHash(hash, i));
}

function affineOf(layer: string, variable: string, shape: readonly number[]): { scale: number; offset: number } {
  switch (variable) {
    case "kernel": {
      const fanIn = /dwconv2?$/.test(layer) ? shape[0]! * shape[1]! : sizeOf(shape.slice(0, -1));
      return { scale: Math.sqrt((residualProjection.test(layer) ? 0.4 : 6) / fanIn), offset: 0 };
    }
    case "bias":
      return { scale: 0.1, offset: layer.endsWith("_se_expand") ? 1.5 : 0 };
    case "gamma":
      return { scale: 0.1, offset: 1 };
    case "moving_variance":
      return { scale: 0.2, offset: 1 };
    case "beta":
    case "moving_mean":
      return { scale: 0.1, offset: 0 };
    default:
      throw new Error(`${layer}/${variable}: the golden fixtures have no such variable`);
  }
}

/** Gray images, 0–255, [count, height, width] row major: bilinear noise on a grid of 8 pixels. */
export function goldenGray(count: number, height: number, width: number): Uint8Array {
  const image = new Uint8Array(count * height * width);
  for (let n = 0, at = 0; n < count; n++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) image[at++] = grayAt(n, y, x);
    }
  }
  return image;
}

function grayAt(n: number, y: number, x: number): number {
  const [j, fy, i, fx] = [y >> 3, y & 7, x >> 3, x & 7];
  const top = cornerAt(n, j, i) * (8 - fx) + cornerAt(n, j, i + 1) * fx;
  const bottom = cornerAt(n, j + 1, i) * (8 - fx) + cornerAt(n, j + 1, i + 1) * fx;
  return (top * (8 - fy) + bottom * fy + 32) >> 6;
}

const cornerAt = (n: number, j: number, i: number): number =>
  fmix32(Math.imul(n * 65536 + j * 256 + i, 0x9e3779b9)) & 255;
