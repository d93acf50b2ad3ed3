/** Whether ONNX Runtime's CUDA libraries are installed: trying without them prints its own errors to the terminal. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const libraries: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: "libonnxruntime_providers_cuda.so",
  win32: "onnxruntime_providers_cuda.dll",
};

/** onnxruntime-node downloads them when it is installed with its scripts, on Linux x64. */
export function hasCudaLibraries(): boolean {
  const library = libraries[process.platform];
  if (!library) return false;
  const manifest = createRequire(import.meta.url).resolve("onnxruntime-node/package.json");
  return existsSync(join(dirname(manifest), "bin", "napi-v6", process.platform, process.arch, library));
}

/** What to tell where they are not. */
export const noCuda = "ONNX Runtime's CUDA libraries are not installed (npm rebuild onnxruntime-node)";
