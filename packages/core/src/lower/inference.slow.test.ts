import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "vitest";
import { efficientNet } from "../models/efficientnet.js";
import { type ModelName, modelNames } from "../models/variants.js";
import { sharedFolder } from "../testing/shared-folder.js";
import { activationCases } from "./activations.case.js";

/** `efficientnet-v2-b0` → `EfficientNetV2B0`. */
const kerasName = (name: ModelName) =>
  `EfficientNet${name
    .slice("efficientnet-".length)
    .split("-")
    .map((part) => part.toUpperCase())
    .join("")}`;

const folder = sharedFolder("golden", "activations");

if (folder && existsSync(folder)) {
  for (const name of modelNames.filter((name) => !name.includes("lite"))) {
    activationCases(`${name}, whole, on ONNX Runtime`, 2, [84, 112], {
      read: () => JSON.parse(readFileSync(`${folder}/${kerasName(name)}.json`, "utf8")),
      build: () => efficientNet(name, { height: 84, width: 112 }),
    });
  }
  // 84 and 112 halve to odd extents, where a network that was declared without a size pads otherwise.
  activationCases("B0 declared without a size", 2, [84, 112], {
    read: () => JSON.parse(readFileSync(`${folder}/EfficientNetB0-dynamic.json`, "utf8")),
    build: () => {
      const size = { height: 84, width: 112 };
      return efficientNet("efficientnet-b0", {
        ...size,
        includeTop: false,
        pooling: "avg",
        convention: "keras-unsized",
      });
    },
  });
} else {
  describe("the fifteen networks, whole", () => {
    it("agree with Keras", (context) => context.skip("the recorded activations are not beside this checkout"));
  });
}
