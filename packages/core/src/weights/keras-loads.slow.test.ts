/** Keras itself loads the files that we write, and computes with them what it computes with its own. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { efficientNet } from "../models/efficientnet.js";
import { goldenModel } from "../testing/golden-model.js";
import { findPython, runPython, withoutPython } from "../testing/python.js";
import { sharedFolder } from "../testing/shared-folder.js";
import { readKerasArchive } from "./keras-archive.js";
import { kerasLayers } from "./keras-layers.js";
import { writeKerasArchive } from "./write-keras-archive.js";
import { writeKerasH5 } from "./write-keras-h5.js";
import { writeKerasWeightsH5 } from "./write-keras-weights-h5.js";

/**
 * B0 without top as `weights="imagenet"` builds it, downloading nothing (see `golden/generate.py`), filled by our files
 * and, the last, by Keras' own; prints the largest difference of each output from that of Keras' own file.
 */
const program = `
import sys, json, os, warnings
from unittest import mock
import numpy as np, keras, tf_keras
folder, own = sys.argv[1:]
def build(lib):
    lib.backend.clear_session()  # else the second model has a normalization_1, which no file has
    family = sys.modules[lib.applications.EfficientNetB0.__module__]
    fake = mock.Mock(get_file=lambda *a, **k: "", exists=os.path.exists)
    name = "file_utils" if lib is keras else "data_utils"
    with mock.patch.object(family, name, fake), mock.patch.object(lib.Model, "load_weights", lambda *a, **k: None):
        return lib.applications.EfficientNetB0(weights="imagenet", include_top=False)
def loaded(lib, path, **options):
    model = build(lib)
    model.load_weights(path, **options)
    return model
x = np.random.default_rng(1).uniform(0, 255, (2, 64, 80, 3)).astype("float32")
truth = np.asarray(loaded(keras, own)(x))
models = {
    "keras 3, h5": loaded(keras, folder + "/a.h5"),
    "keras 3, h5 by name": loaded(keras, folder + "/a.h5", by_name=True),
    "keras 3, weights.h5": loaded(keras, folder + "/a.weights.h5"),
    "keras 3, keras": keras.models.load_model(folder + "/a.keras"),
    "keras 2, h5": loaded(tf_keras, folder + "/a.h5"),
    "keras 2, h5 by name": loaded(tf_keras, folder + "/a.h5", by_name=True),
}
differences = {name: float(abs(np.asarray(model(x)) - truth).max()) for name, model in models.items()}
print(json.dumps({"scale": float(abs(truth).max()), **differences}))
`;

describe("Keras", () => {
  it("computes with our files what it computes with its own", async (context) => {
    const [own, archive] = ["weights.h5", "keras"].map((end) =>
      sharedFolder("golden", "weights", `efficientnetb0_notop.${end}`),
    );
    if (own === undefined || archive === undefined)
      return context.skip("no folder shared/golden beside the repository");
    const python = await findPython("keras");
    if (python === undefined) return context.skip(withoutPython("keras"));
    const folder = await mkdtemp(join(tmpdir(), "grayling-"));
    const weights = kerasLayers(goldenModel(efficientNet("efficientnet-b0", { includeTop: false })));
    const { config } = await readKerasArchive(readFileSync(archive));
    await writeFile(join(folder, "a.h5"), await writeKerasH5(weights));
    await writeFile(join(folder, "a.weights.h5"), await writeKerasWeightsH5(weights));
    await writeFile(join(folder, "a.keras"), await writeKerasArchive({ config, weights }));
    const output = await runPython(python, program, [folder, own]);
    await rm(folder, { recursive: true });
    const { scale, ...differences } = JSON.parse(output.trim().split("\n").at(-1)!) as Record<string, number>;
    expect(Object.keys(differences)).toHaveLength(6);
    for (const [name, difference] of Object.entries(differences)) {
      // Keras 3 runs the same program on the same numbers; Keras 2 multiplies in another order, as it does with its own file.
      if (name.startsWith("keras 3")) expect(difference, name).toBe(0);
      else expect(difference / scale!, name).toBeLessThan(1e-5);
    }
  }, 300_000);
});
