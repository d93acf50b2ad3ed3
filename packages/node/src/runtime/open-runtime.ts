/** Opens ONNX Runtime on the device that the user wants, or on the CPU with a message. */
import { InputError, type Runtime, type Session } from "@grayling/core";
import { hasCudaLibraries, noCuda } from "./cuda.js";
import { explainDevice } from "./explain-device.js";
import { openLanes } from "./open-lanes.js";
import { OrtRuntime } from "./ort-runtime.js";

/** Values of `--device`; each but "auto" is the name of an execution provider of ONNX Runtime. */
export const devices = ["auto", "cpu", "webgpu", "cuda", "coreml", "dml"] as const;
export type Device = (typeof devices)[number];

const isDevice = (name: string): name is Device => (devices as readonly string[]).includes(name);

export interface RuntimeOptions {
  /** One of `devices`. */
  readonly device: string;
  readonly threads?: number | undefined;
  /** Told once, in one line, when the device cannot be used. */
  readonly onFallback: (message: string) => void;
}

export interface DeviceRuntime extends Runtime {
  /** The execution provider of the last session opened; "cpu" before. */
  readonly device: string;
  /** As `open`, for many images: on the CPU, several sessions that share each batch. Rows must not depend on each other. */
  openForBatches(model: Uint8Array): Promise<Session>;
  close(): Promise<void>;
}

/**
 * "auto" takes CUDA where it is installed and opens, else the CPU: the others compute in lower precision or have gaps, so
 * they are the user's choice. A device that cannot open the model is replaced by the CPU.
 */
export function openRuntime({ device, threads, onFallback }: RuntimeOptions): DeviceRuntime {
  if (!isDevice(device)) throw new InputError(`device "${device}": expected one of ${devices.join(", ")}`);
  const create = (provider: string) =>
    new OrtRuntime({ executionProviders: [provider], ...(threads !== undefined && { threads }) });
  let used = firstChoice(device, onFallback);
  let runtime = create(used);
  const runtimes = [runtime]; // sessions that are open on the device stay open when a later one falls back
  const lanes: Session[] = [];
  const fallBack = (error: unknown) => {
    onFallback(`device ${used}: ${explainDevice(error)}; going on with the CPU`);
    used = "cpu";
    runtime = create(used);
    runtimes.push(runtime);
  };
  const open = async (model: Uint8Array): Promise<Session> => {
    const tried = runtime;
    const triedDevice = used;
    try {
      return await tried.open(model);
    } catch (error) {
      if (triedDevice === "cpu") throw error;
      if (tried === runtime) fallBack(error); // else another session that was opened meanwhile has
      return runtime.open(model);
    }
  };
  return {
    get device() {
      return used;
    },
    open,
    async openForBatches(model) {
      if (used !== "cpu") {
        const session = await open(model);
        if (used !== "cpu") return session;
        await session.release(); // it fell back
      }
      const session = await openLanes(model, threads);
      lanes.push(session);
      return session;
    },
    async close() {
      const open = [...runtimes.map((one) => one.close()), ...lanes.map((session) => session.release())];
      await Promise.all(open);
    },
  };
}

function firstChoice(device: Device, onFallback: (message: string) => void): string {
  if (device === "auto") return hasCudaLibraries() ? "cuda" : "cpu";
  if (device !== "cuda" || hasCudaLibraries()) return device;
  onFallback(`device cuda: ${noCuda}; going on with the CPU`);
  return "cpu";
}
