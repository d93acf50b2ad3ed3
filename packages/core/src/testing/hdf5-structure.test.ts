import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { findStructure, seal } from "./hdf5-structure.js";
import { repositoryFolder } from "./repository-folder.js";

it.each(["whole-keras3.h5", "keras3-nested.weights.h5", "legacy-keras3-pieces.h5"])(
  "computes the checksums of %s as HDF5 did",
  (name) => {
    const bytes = readFileSync(repositoryFolder("fixtures", "weights", name));
    const structure = findStructure(bytes);
    const sealed = Uint8Array.from(bytes);
    seal(sealed, structure);
    expect(structure.seals.length).toBeGreaterThan(20);
    expect(Buffer.from(bytes).equals(sealed)).toBe(true);
  },
);
