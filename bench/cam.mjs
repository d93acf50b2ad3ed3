/**
 * (l) Explaining images against predicting them: 100 JPEG files of 224 × 224 px through EfficientNet-Lite0 with its 1,000
 * classes, from files, in turns. Grad-CAM at the last map and lower down, the closed form, and Grad-CAM with a picture
 * written for each image. Opening the graph counts, for all of them.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { explainImages, openClassifier, openExplainable, openRuntime, predict, writeExplanations } from "grayling";
import { makeTextures } from "./make-textures.mjs";
import { printTable, verdict } from "./print-table.mjs";
import { inTurn, speedUp } from "./rounds.mjs";

const goal = 2; // times the prediction's time, at most
const name = "efficientnet-lite0";
const rounds = 5;

export async function benchCam({ images = 100 } = {}) {
  console.log(`(l) explaining ${images} images against predicting them; goal: Grad-CAM ≤ ${goal} × the prediction`);
  const folder = await mkdtemp(join(tmpdir(), "grayling-bench-"));
  const runtime = openRuntime({ device: "cpu", onFallback: console.error });
  try {
    const files = await makeTextures(folder, { format: "jpeg", height: 224, width: 224, count: images });
    report(await inTurn(await entriesOf(runtime, files, join(folder, "out")), rounds));
  } finally {
    await runtime.close();
    await rm(folder, { recursive: true });
  }
}

async function entriesOf(runtime, files, out) {
  const images = files.length;
  const paths = files.map(({ path }) => path);
  const explainable = await openExplainable(name);
  const predictAll = async () => {
    const classifier = await openClassifier(runtime, name);
    await count(predict(classifier, paths), images);
    await classifier.session.release();
  };
  const explainAll = (options) => () => count(explainImages(runtime, explainable, files, options), images);
  const runs = {
    predict: predictAll,
    "grad-cam": explainAll({}),
    "grad-cam++": explainAll({ method: "grad-cam++" }),
    cam: explainAll({ method: "cam" }),
    "grad-cam at block5c_add": explainAll({ layer: "block5c_add" }),
    "grad-cam with pictures": () => writeExplanations(runtime, explainable, paths, { out }),
  };
  return Object.fromEntries(Object.entries(runs).map(([way, run]) => [way, { images, run }]));
}

async function count(results, images) {
  let done = 0;
  for await (const _ of results) done++;
  if (done !== images) throw new Error(`${done} of ${images} images were read`);
}

function report(measured) {
  const rows = Object.entries(measured).map(([way, own]) => {
    const { wall, cpu } = speedUp(measured.predict, own); // times as long as the prediction
    return [way, own.perSecond.toFixed(1), own.cpuMs.toFixed(1), wall.toFixed(2), cpu.toFixed(2)];
  });
  printTable(["", "images/s", "processor ms", "× predict", "× its processor"], rows);
  const { wall, cpu } = speedUp(measured.predict, measured["grad-cam"]);
  console.log(
    `  grad-cam: ${wall.toFixed(2)} × predict, ${cpu.toFixed(2)} × its processor: ${verdict(wall <= goal)}\n`,
  );
}
