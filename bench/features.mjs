/**
 * (a) The trunk alone in onnxruntime-node, on planes in memory, and (b) `train`'s features phase: from files, through
 * decoding, resizing and the trunk, to features in the cache. (a) is run as onnxruntime-node does by default and with one
 * thread in each of several sessions; the faster of the two is what (b) is held against.
 *
 * Files of the network's own size, on which the goal is, and of about four times its pixels.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { buildTrunk, extractFeatures, FeatureCache, openBackbone, openRuntime } from "grayling";
import { openBareTrunk } from "./bare-trunk.mjs";
import { makeTextures } from "./make-textures.mjs";
import { printTable, verdict } from "./print-table.mjs";
import { inTurn, speedUp } from "./rounds.mjs";

const goal = 0.85;
const networks = [
  { name: "efficientnet-lite0", weights: "imagenet" },
  { name: "efficientnet-b0", weights: "random" },
];
const inputs = [
  { height: 84, width: 112, batch: 32, images: 1024, larger: { height: 200, width: 200 } },
  { height: 224, width: 224, batch: 16, images: 160, larger: { height: 400, width: 400 } },
];
const rounds = 5;

export async function benchFeatures() {
  console.log(
    `(a) the trunk alone, (b) the features phase from files; goal (b) ≥ ${goal} × (a) on files of its own size`,
  );
  const folder = await mkdtemp(join(tmpdir(), "grayling-bench-"));
  try {
    for (const input of inputs) {
      const files = await makeFiles(folder, input);
      for (const network of networks) await benchNetwork(folder, files, network, input);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function makeFiles(folder, { height, width, images, larger }) {
  const files = {};
  for (const size of [{ height, width }, larger]) {
    for (const format of ["jpeg", "png"]) {
      files[`${format} ${size.height} × ${size.width}`] = await makeTextures(folder, {
        format,
        ...size,
        count: images,
      });
    }
  }
  return files;
}

async function benchNetwork(folder, files, { name, weights }, { height, width, batch, images }) {
  const trunk = buildTrunk(await openBackbone(name, { weights, height, width, pooling: "avg" }), "stretch");
  const runtime = openRuntime({ device: "cpu", onFallback: console.error });
  const session = await runtime.openForBatches(trunk.encoded);
  const lanes = availableParallelism();
  const shape = [batch, 1, height, width];
  const byDefault = await openBareTrunk(trunk.encoded, shape);
  const sideBySide = await openBareTrunk(trunk.encoded, shape, { lanes, threads: 1 });
  const phase = async (paths) => {
    const cacheFolder = await mkdtemp(join(folder, "cache-"));
    const cache = await FeatureCache.open(cacheFolder, trunk.key, trunk.columns);
    const { computed } = await extractFeatures(paths, trunk, session, { batch, cache, onSkip: console.error });
    if (computed !== images) throw new Error(`${computed} of ${images} images were computed`);
    await rm(cacheFolder, { recursive: true });
  };
  const measured = await inTurn(
    {
      "(a) onnxruntime-node's defaults": { images, run: () => byDefault.run(images) },
      [`(a) ${lanes} sessions of one thread`]: { images, run: () => sideBySide.run(images) },
      ...Object.fromEntries(
        Object.entries(files).map(([kind, paths]) => [`(b) ${kind}`, { images, run: () => phase(paths) }]),
      ),
    },
    rounds,
  );
  await Promise.all([runtime.close(), byDefault.close(), sideBySide.close()]);
  report(`${name}, ${height} × ${width}, batch ${batch}, ${images} images a round`, measured, `${height} × ${width}`);
}

function report(title, measured, ownSize) {
  const alone = Object.entries(measured).filter(([name]) => name.startsWith("(a)"));
  const [, best] = alone.reduce((a, b) => (b[1].perSecond > a[1].perSecond ? b : a));
  console.log(`  ${title}`);
  const rows = Object.entries(measured).map(([name, result]) => {
    const { wall, cpu } = speedUp(result, best);
    const isGoal = name.startsWith("(b)") && name.endsWith(ownSize);
    const figures = [result.perSecond.toFixed(0), result.cpuMs.toFixed(2), wall.toFixed(2), cpu.toFixed(2)];
    return [name, ...figures, isGoal ? verdict(wall >= goal) : ""];
  });
  printTable(["", "images/s", "core-ms/image", "of (a)", "of (a), by core time", ""], rows);
}
