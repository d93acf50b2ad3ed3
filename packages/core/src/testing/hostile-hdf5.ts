/** Hostile HDF5 files of Keras: sound ones with changed structure, and ones whose content is not what a Keras model has. */
import { readFileSync } from "node:fs";
import type { SeededRandom } from "../seeded-random.js";
import { readKerasH5 } from "../weights/keras-h5.js";
import { expectTensors } from "./expect-tensors.js";
import type { FuzzTarget } from "./fuzz.js";
import { findStructure, seal } from "./hdf5-structure.js";
import { makeStrangeKerasFile } from "./hostile-keras-content.js";
import { hostileInteger, mutateBytes, oneOf, readInteger, writeInteger } from "./mutate.js";
import { repositoryFolder } from "./repository-folder.js";

/** The target for a layout, which starts from the files given (paths in `fixtures`). */
export function hdf5Target(layout: "h5" | "weights.h5", paths: readonly string[]): FuzzTarget {
  const sound = paths.map((path) => Uint8Array.from(readFileSync(repositoryFolder("fixtures", ...path.split("/")))));
  const structured = sound.map((bytes) => ({ bytes, structure: findStructure(bytes) }));
  return {
    async make(random) {
      switch (random.integer(6)) {
        case 0:
          return mutateBytes(random, oneOf(random, sound));
        case 1:
        case 2:
          return makeStrangeKerasFile(random, layout);
        default:
          return mutateStructure(random, oneOf(random, structured));
      }
    },
    read: async (bytes) => expectTensors(await readKerasH5(bytes)),
    async readSound() {
      for (const bytes of sound) expectTensors(await readKerasH5(bytes));
    },
  };
}

type Structured = { readonly bytes: Uint8Array; readonly structure: ReturnType<typeof findStructure> };

/** Changes up to three fields: to numbers that hurt, to the address of another structure, to what another field holds. */
function mutateStructure(random: SeededRandom, { bytes, structure }: Structured): Uint8Array {
  const result = bytes.slice();
  for (let n = random.integer(3); n >= 0; n--) {
    const { at, size } = oneOf(random, structure.fields);
    const was = readInteger(bytes, at, size);
    const address = BigInt(oneOf(random, structure.addresses) + oneOf(random, [0, 0, 0, 8, -8]));
    const other = oneOf(random, structure.fields);
    const value = oneOf(random, [
      hostileInteger(random, size, was),
      hostileInteger(random, size, was),
      size === 8 ? address : BigInt(random.integer(32)),
      readInteger(bytes, other.at, size),
      BigInt(bytes.length),
    ]);
    writeInteger(result, at, size, value);
  }
  if (random.integer(8) > 0) seal(result, structure);
  return result;
}
