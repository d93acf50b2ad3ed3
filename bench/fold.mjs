/** (c) The network folded to one channel against the one with three that it was folded from, alone in onnxruntime-node. */
import { encode, foldBatchNorm, foldGrayscale, inference, lower } from "@grayling/core";
import { openBackbone } from "grayling";
import { openBareTrunk } from "./bare-trunk.mjs";
import { printTable, verdict } from "./print-table.mjs";
import { inTurn, median, speedUp } from "./rounds.mjs";

const cases = [
  { name: "efficientnet-lite0", weights: "imagenet", height: 84, width: 112, images: 96 },
  { name: "efficientnet-lite0", weights: "imagenet", height: 224, width: 224, images: 32 },
  { name: "efficientnet-b0", weights: "random", height: 84, width: 112, images: 96 },
  { name: "efficientnet-b0", weights: "random", height: 224, width: 224, images: 32 },
];
const batch = 16;
/** Where a session's memory comes to lie makes up to 3 % in either direction, so each network is opened a few times. */
const openings = 4;
const rounds = 5;
const noise = 0.02; // of the median, on a machine that does something else as well

export async function benchFold() {
  console.log("(c) 1 channel, folded, against 3 channels; goal: never slower, by core time and up to 2 % of noise");
  const rows = [];
  for (const { name, weights, height, width, images } of cases) {
    const { model } = await openBackbone(name, { weights, height, width, pooling: "avg" });
    const encoded = [foldGrayscale(model), model].map((made) => encode(lower(foldBatchNorm(made), inference)));
    const measured = [];
    for (let opening = 0; opening < openings; opening++) {
      measured.push(await compare(encoded, height, width, images));
    }
    const [one, three] = ["one", "three"].map((which) => ({
      samples: measured.flatMap((result) => result[which].samples),
    }));
    const { wall, cpu } = speedUp(one, three);
    const times = [one, three].map(({ samples }) => median(samples.map(({ cpuMs }) => cpuMs)).toFixed(2));
    rows.push([`${name} ${height} × ${width}`, ...times, cpu.toFixed(3), wall.toFixed(3), verdict(cpu >= 1 - noise)]);
  }
  printTable(["", "1 channel, core-ms", "3 channels, core-ms", "speed-up", "by wall clock", ""], rows);
}

async function compare(encoded, height, width, images) {
  const [one, three] = await Promise.all(
    encoded.map((model, i) => openBareTrunk(model, [batch, i === 0 ? 1 : 3, height, width], { threads: 1 })),
  );
  const entries = { one: { images, run: () => one.run(images) }, three: { images, run: () => three.run(images) } };
  const measured = await inTurn(entries, rounds);
  await Promise.all([one.close(), three.close()]);
  return measured;
}
