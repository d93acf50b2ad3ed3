/** Why a device cannot be used, in words: ONNX Runtime's own messages name its source files. */
export function explainDevice(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes("backend not found")) return "ONNX Runtime has no such provider for this system";
  if (message.includes("webgpu_context")) return "there is no GPU that WebGPU could use";
  return message.split("\n")[0]!.slice(0, 200);
}
