/** The versions that a result depends on. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);

/** Of this package, read from its package.json, which lies beside the folder of the compiled code. */
export function version(): string {
  const manifest: { readonly version: string } = require("../package.json");
  return manifest.version;
}

/** Of everything that decodes images or computes. */
export function versions(): Record<string, string> {
  const packages = ["onnxruntime-node", "sharp", "@cwasm/jpeg-turbo", "@grayling/core", "@grayling/weights-lite0"];
  const installed = packages.map((name) => [name, versionOf(name)] as const);
  return { grayling: version(), node: process.versions.node, ...Object.fromEntries(installed) };
}

/** Found upwards from the package's entry: not every package lets its package.json be imported. */
function versionOf(name: string): string {
  for (let folder = dirname(fileURLToPath(import.meta.resolve(name))); ; folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    const found: { readonly name?: string; readonly version?: string } = existsSync(manifest) ? require(manifest) : {};
    if (found.name === name && found.version !== undefined) return found.version;
    if (folder === dirname(folder)) throw new Error(`internal: no package.json of ${name} above its entry`);
  }
}
