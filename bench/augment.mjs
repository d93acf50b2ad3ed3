/**
 * Augmentation of one plane of 224 × 224, in milliseconds of processor, collecting garbage included: every preset as it is
 * drawn, and with all of its operations at once; every operation alone. The goal is on `strong` as it is drawn.
 */
import { applyAugmentation, drawVariant, parseAugmentation, presetNames, SeededRandom } from "@grayling/core";
import { printTable, verdict } from "./print-table.mjs";
import { inTurn } from "./rounds.mjs";

const side = 224;
const goal = 1.5; // ms
const variants = 200;
const rounds = 5;

const operations = {
  "rotation, shift, shear, zoom": { rotation: "20", shift: "0.1", shear: "8", zoom: "0.2" },
  elastic: { elastic: "0.02" },
  CLAHE: { clahe: "2:2" },
  brightness: { brightness: "0.2" },
  contrast: { contrast: "0.2" },
  gamma: { gamma: "0.3" },
  "blur, 1 px": { blur: "1:1" },
  "Poisson noise, 300 photons": { poisson: "300:300" },
  "Gaussian noise": { noise: "8:8" },
  "cut-out": { cutOut: "0.3:0.3" },
};

export async function benchAugment() {
  console.log(`(g) augmentation of ${side} × ${side}, core-ms; goal: strong under ${goal}`);
  const plane = paint();
  const names = presetNames.filter((name) => name !== "none");
  const entries = [...names.map((preset) => [preset, { preset }]), ...Object.entries(operations)];
  const rows = [];
  for (const [name, texts] of entries) {
    const options = parseAugmentation(texts);
    const { drawn, all } = await inTurn({ drawn: work(plane, options), all: work(plane, always(options)) }, rounds);
    const isGoal = name === "strong";
    rows.push([name, drawn.cpuMs.toFixed(2), all.cpuMs.toFixed(2), isGoal ? verdict(drawn.cpuMs < goal) : ""]);
  }
  printTable(["", "as drawn", "all at once", ""], rows);
}

/** The same without chances. */
function always(options) {
  const rows = Object.entries(options).map(([name, ranges]) => {
    return [name, typeof ranges === "object" && "chance" in ranges ? { ...ranges, chance: 1 } : ranges];
  });
  return Object.fromEntries(rows);
}

function work(plane, options) {
  const drawn = Array.from({ length: variants }, (_, epoch) =>
    drawVariant(options, { seed: 0, image: "bench", epoch }),
  );
  const run = async () => {
    for (const one of drawn) applyAugmentation(plane, one);
  };
  return { images: variants, run };
}

/** Something smooth with some noise, as pictures are. */
function paint() {
  const random = new SeededRandom(1, "bench");
  const level = (x, y) => 128 + 90 * Math.sin(x / 17) * Math.cos(y / 23) + 8 * random.normal();
  const values = Float32Array.from({ length: side * side }, (_, i) => level(i % side, Math.floor(i / side)));
  return { values: values.map((value) => Math.min(255, Math.max(0, value))), height: side, width: side };
}
