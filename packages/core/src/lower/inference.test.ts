import { readFileSync } from "node:fs";
import { efficientNet } from "../models/efficientnet.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import { activationCases } from "./activations.case.js";

const path = repositoryFolder("fixtures", "keras", "activations-EfficientNetB0.json");

activationCases("B0, whole, on ONNX Runtime", 2, [84, 112], {
  read: () => JSON.parse(readFileSync(path, "utf8")),
  build: () => efficientNet("efficientnet-b0", { height: 84, width: 112 }),
});
