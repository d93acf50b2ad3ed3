/** The versions that a result depends on. */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** Of this package, read from its package.json, which lies beside the folder of the compiled code. */
export function version(): string {
  const manifest: { readonly version: string } = require("../package.json");
  return manifest.version;
}

export function versions(): Record<string, string> {
  const ofPackage = (name: string) => (require(`${name}/package.json`) as { readonly version: string }).version;
  return { grayling: version(), node: process.versions.node, "onnxruntime-node": ofPackage("onnxruntime-node") };
}
