/** (c) The network folded to one channel against the one with three that it was folded from, alone in onnxruntime-node. */
import { encode, foldBatchNorm, foldGrayscale, inference, lower } from "@grayling/core";
import { openBackbone } from "grayling";
import { openBareTrunk } from "./bare-trunk.mjs";
import { printTable, verdict } from "./print-table.mjs";
import { inTurn } from "./rounds.mjs";

const cases = [
  { name: "efficientnet-lite0", weights: "imagenet", height: 84, width: 112, images: 256 },
  { name: "efficientnet-lite0", weights: "imagenet", height: 224, width: 224, images: 64 },
  { name: "efficientnet-b0", weights: "random", height: 84, width: 112, images: 256 },
  { name: "efficientnet-b0", weights: "random", height: 224, width: 224, images: 64 },
];
const batch = 16;
const rounds = 7;

export async function benchFold() {
  console.log("(c) 1 channel, folded, against 3 channels; goal: never slower (core time, within 1 %)");
  const rows = [];
  for (const { name, weights, height, width, images } of cases) {
    const { model } = await openBackbone(name, { weights, height, width, pooling: "avg" });
    const open = (made, channels) => {
      const encoded = encode(lower(foldBatchNorm(made), inference));
      return openBareTrunk(encoded, [batch, channels, height, width], { threads: 1 });
    };
    const [one, three] = [await open(foldGrayscale(model), 1), await open(model, 3)];
    const entries = { one: { images, run: () => one.run(images) }, three: { images, run: () => three.run(images) } };
    const measured = await inTurn(entries, rounds);
    await Promise.all([one.close(), three.close()]);
    const ratio = measured.three.cpuMs / measured.one.cpuMs;
    const times = [measured.one, measured.three].map(({ cpuMs }) => cpuMs.toFixed(2));
    const wall = (measured.one.perSecond / measured.three.perSecond).toFixed(3);
    rows.push([`${name} ${height} × ${width}`, ...times, `${ratio.toFixed(3)}`, wall, verdict(ratio >= 0.99)]);
  }
  printTable(["", "1 channel, core-ms", "3 channels, core-ms", "speed-up", "by wall clock", ""], rows);
}
