/** What both of Keras' HDF5 layouts ask of what is written into them. */
import { WeightsError } from "../errors.js";
import type { Tensor } from "../graph/tensor.js";
import type { KerasLayer } from "./keras-layers.js";
import type { Hdf5Writer } from "./write-hdf5.js";

/** Throws `WeightsError` for a name that occurs twice, or that HDF5 would take for a path or could not hold. */
export function requireLayerNames(layers: readonly KerasLayer[]): void {
  const known = new Set<string>();
  for (const { name } of layers) {
    // Printable ASCII without "/".
    if (!/^[ -.0-~]+$/.test(name) || name === ".") {
      throw new WeightsError(`layer ${JSON.stringify(name)}: expected a name of ASCII characters without "/"`);
    }
    if (known.has(name)) throw new WeightsError(`layer ${JSON.stringify(name)}: occurs twice, expected it once`);
    known.add(name);
  }
}

/** Writes a variable as Keras does: float32, but the count of a `Normalization` as int64. */
export function writeVariable(group: Hdf5Writer, name: string, variable: string, tensor: Tensor): void {
  if (variable === "count") group.integer(name, integerOf(tensor));
  else group.tensor(name, tensor);
}

function integerOf({ data }: Tensor): bigint {
  const [count] = data;
  if (data.length === 1 && Number.isSafeInteger(count)) return BigInt(count!);
  throw new WeightsError(`count: expected one integer, got ${data.length} values, ${count} first`);
}
