/**
 * Generates packages/core/src/onnx/onnx_pb.ts from ONNX's own onnx.proto (ONNX 1.23.2, Apache-2.0), which lies beside it.
 * Needs `protoc` (Debian: protobuf-compiler) on the path; the plugin comes with the development dependencies.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const folder = `${root}packages/core/src/onnx`;
const plugin = `${root}node_modules/.bin/protoc-gen-es${process.platform === "win32" ? ".cmd" : ""}`;
execFileSync(
  "protoc",
  [
    `--plugin=protoc-gen-es=${plugin}`,
    `--es_out=${folder}`,
    "--es_opt=target=ts,import_extension=js",
    "-I",
    folder,
    "onnx.proto",
  ],
  { stdio: "inherit" },
);
