/** What this machine has, measured. */
import { stat } from "node:fs/promises";
import { arch, availableParallelism, cpus, platform, release, totalmem } from "node:os";
import { bundledModel, openBackbone } from "../backbone/open-backbone.js";
import { buildTrunk } from "../features/trunk.js";
import { loadSharp } from "../images/load-sharp.js";
import { hasCudaLibraries, noCuda } from "../runtime/cuda.js";
import { explainDevice } from "../runtime/explain-device.js";
import { type Device, devices } from "../runtime/open-runtime.js";
import { OrtRuntime } from "../runtime/ort-runtime.js";
import { versions } from "../version.js";

export interface Diagnosis {
  readonly facts: Readonly<Record<string, string>>;
  readonly devices: readonly DeviceReport[];
}

export interface DeviceReport {
  readonly name: Device;
  /** Undefined where the device cannot run the network. */
  readonly imagesPerSecond: number | undefined;
  readonly problem: string | undefined;
}

const batch = 8; // images
const measureMs = 1500;

export async function diagnose(cache: string): Promise<Diagnosis> {
  const sharp = await loadSharp();
  const found = versions();
  const processor = cpus()[0]?.model.trim() ?? "unknown";
  const facts = {
    grayling: found["grayling"]!,
    node: found["node"]!,
    system: `${platform()} ${release()} ${arch()}`,
    processor: `${processor}, ${availableParallelism()} threads`,
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    "onnxruntime-node": found["onnxruntime-node"]!,
    libvips: sharp.versions.vips,
    cache: `${cache}${(await stat(cache).catch(() => undefined)) ? "" : " (not there yet)"}`,
  };
  const reports: DeviceReport[] = [];
  for (const device of devices) if (device !== "auto") reports.push(await measure(device));
  return { facts, devices: reports };
}

async function measure(name: Exclude<Device, "auto">): Promise<DeviceReport> {
  if (name === "cuda" && !hasCudaLibraries()) return { name, imagesPerSecond: undefined, problem: noCuda };
  const runtime = new OrtRuntime({ executionProviders: [name] });
  try {
    const backbone = await openBackbone(bundledModel, { pooling: "avg" });
    const { encoded, preprocessing } = buildTrunk(backbone, "stretch");
    const session = await runtime.open(encoded);
    const shape = [batch, 1, preprocessing.height, preprocessing.width];
    const image = { shape, data: new Float32Array(batch * preprocessing.height * preprocessing.width).fill(127) };
    await session.run({ input_layer: image });
    let images = 0;
    const start = performance.now();
    for (; performance.now() - start < measureMs; images += batch) await session.run({ input_layer: image });
    return { name, imagesPerSecond: (1000 * images) / (performance.now() - start), problem: undefined };
  } catch (error) {
    return { name, imagesPerSecond: undefined, problem: explainDevice(error) };
  } finally {
    await runtime.close();
  }
}
