import { expect, it } from "vitest";
import { efficientNet } from "../models/efficientnet.js";
import type { ModelName } from "../models/variants.js";
import { cutGraph } from "../passes/cut.js";
import { foldChannels } from "../passes/fold-channels.js";
import { goldenModel } from "../testing/golden-model.js";
import { stemChange } from "./stem-change.js";

it.each<[ModelName, number, string]>([
  [
    "efficientnet-b0",
    1,
    "stem: 3 channels folded into one, exactly (stem_conv [32, 3, 3, 3] → [32, 2, 3, 3], with a plane of ones that carries the channels' offsets)",
  ],
  [
    "efficientnet-v2-s",
    1,
    "stem: 3 channels folded into one, exactly (stem_conv [24, 3, 3, 3] → [24, 1, 3, 3], all channels are prepared alike)",
  ],
  [
    "efficientnet-b0",
    4,
    "stem: 3 channels repeated over 4 and rescaled, an approximation (stem_conv [32, 3, 3, 3] → [32, 5, 3, 3], with a plane of ones that carries the channels' offsets)",
  ],
  ["efficientnet-b0", 3, "stem: reads 3 channels, as it is"],
])("says what became of the stem of %s for %i channels", (name, channels, line) => {
  const model = goldenModel(cutGraph(efficientNet(name, { height: 32, width: 32 }), "stem_conv"));
  expect(stemChange(model, foldChannels(model, channels))).toBe(line);
});
