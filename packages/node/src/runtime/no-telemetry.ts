/** Nothing leaves the machine: ONNX Runtime's own telemetry is switched off. */

/**
 * From 1.29 on ONNX Runtime for Linux and macOS sends usage events to Microsoft and writes a device id into the user's
 * cache folder, unless this variable is set before its library is loaded. Set on the main thread, since the
 * environment of a worker thread is a copy that native code does not see. Whoever has set it keeps what was set.
 *
 * Source: https://github.com/microsoft/onnxruntime/pull/27379. `commands/demo.test.ts` tells if it stops to work: it
 * finds the device id in the home folder.
 */
export function switchOffTelemetry(): void {
  process.env["ORT_DISABLE_TELEMETRY"] ??= "1";
}
