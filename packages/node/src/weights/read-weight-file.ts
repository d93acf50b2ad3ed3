/** Reads a weight file of any format that grayling knows; the content decides which, not the name. */
import { readFile } from "node:fs/promises";
import {
  didYouMean,
  InputError,
  readKerasArchive,
  readKerasH5,
  readSafetensors,
  type TensorFile,
  WeightsError,
} from "@grayling/core";

const hdf5Signature = [0x89, 0x48, 0x44, 0x46]; // \x89HDF
const zipSignature = [0x50, 0x4b, 0x03, 0x04]; // PK

/** `.h5`, `.weights.h5`, `.keras` or `.safetensors`. Throws `InputError` where there is no such file, `WeightsError` where it holds no weights. */
export async function readWeightFile(path: string, expected = weightSources): Promise<TensorFile> {
  const bytes = await readBytes(path, expected);
  if (startsWith(bytes, hdf5Signature)) return prefixed(path, () => readKerasH5(bytes));
  if (isPickle(bytes))
    throw new WeightsError(`${path}: PyTorch's pickle holds code, which is not run; ${asSafetensors}`);
  if (startsWith(bytes, zipSignature)) return prefixed(path, () => readKerasArchive(bytes));
  // A header of JSON begins behind its length.
  if (bytes[8] !== 0x7b)
    throw new WeightsError(`${path}: no weight file: expected HDF5, a .keras archive or safetensors by its content`);
  return prefixed(path, async () => readSafetensors(bytes));
}

const weightSources = 'a weight file, "imagenet" or "random"';
const asSafetensors = "save it again by safetensors.torch.save_file(model.state_dict(), path)";

/** What torch.save writes: a zip that begins with `<name>/data.pkl`, or the bare pickle of older versions. */
function isPickle(bytes: Uint8Array): boolean {
  const start = String.fromCharCode(...bytes.subarray(0, 300));
  return (startsWith(bytes, zipSignature) && start.includes("/data.pkl")) || startsWith(bytes, [0x80, 0x02]);
}

async function readBytes(path: string, expected: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "no such file" : code === "EISDIR" ? "is a folder" : message;
    const nearest = expected === weightSources ? didYouMean(path, ["imagenet", "random"]) : "";
    const subject = expected === weightSources ? "weights" : "model";
    throw new InputError(`${subject} ${path}: ${reason}, expected ${expected}${nearest}`, { cause });
  }
}

/** The readers know bytes, not files: the path goes before what they say. */
async function prefixed(path: string, read: () => Promise<TensorFile>): Promise<TensorFile> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof WeightsError)) throw cause;
    throw new WeightsError(`${path}: ${cause.message}`, { cause });
  }
}

const startsWith = (bytes: Uint8Array, signature: readonly number[]) => signature.every((byte, i) => bytes[i] === byte);
