/**
 * Speed, as ratios measured in one run: `npm run bench`, or `npm run bench -- features` for some of the parts.
 * `--images 200` makes `decode` quick.
 *
 * Another machine gives other seconds; the ratios are what counts.
 */
import { availableParallelism, cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { versions } from "grayling";
import { benchAugment } from "./augment.mjs";
import { benchCam } from "./cam.mjs";
import { benchCheck } from "./check.mjs";
import { benchDecode } from "./decode.mjs";
import { benchFeatures } from "./features.mjs";
import { benchFold } from "./fold.mjs";
import { benchHead } from "./head.mjs";
import { benchKerasScript } from "./keras-script.mjs";
import { benchNetwork } from "./network.mjs";
import { benchReport } from "./report.mjs";
import { benchStartUp } from "./start-up.mjs";
import { benchTraining } from "./training.mjs";

const parts = {
  features: benchFeatures,
  fold: benchFold,
  head: benchHead,
  "start-up": benchStartUp,
  network: benchNetwork,
  augment: benchAugment,
  check: benchCheck,
  decode: benchDecode,
  training: benchTraining,
  cam: benchCam,
  report: benchReport,
  "keras-script": benchKerasScript,
};

const { values, positionals: names } = parseArgs({ options: { images: { type: "string" } }, allowPositionals: true });
const settings = values.images === undefined ? {} : { images: Number(values.images) };
const unknown = names.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`unknown part ${unknown.join(", ")}, expected of ${Object.keys(parts).join(", ")}`);
  process.exit(2);
}

const [processor] = cpus();
console.log(
  `${processor?.model ?? "unknown processor"}, ${availableParallelism()} cores, ${process.platform} ${process.arch}`,
);
console.log(
  `${Object.entries(versions())
    .map(([name, version]) => `${name} ${version}`)
    .join(", ")}`,
);
console.log(`load before: ${loadavg()[0]?.toFixed(2)}\n`);
for (const name of names.length > 0 ? names : Object.keys(parts)) await parts[name](settings);
