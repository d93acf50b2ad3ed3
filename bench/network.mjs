/** (f) What a network costs before it runs: building and folding, reading its weights, printing its summary. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bind, efficientNet, foldBatchNorm, foldGrayscale, initialize, readKerasH5 } from "@grayling/core";
import { printTable, verdict } from "./print-table.mjs";
import { median } from "./rounds.mjs";

const rounds = 9;
const cli = fileURLToPath(new URL("./cli.js", import.meta.resolve("grayling")));
const here = dirname(fileURLToPath(import.meta.url));
const recorded = join(here, "..", "..", "shared", "golden", "weights", "efficientnetb0_notop.h5");

export async function benchNetwork() {
  console.log(`(f) the network itself, median of ${rounds} and the first`);
  const graph = efficientNet("efficientnet-b7", { includeTop: false, pooling: "avg" });
  const weights = initialize(graph, 0);
  const rows = [
    await row("build and fold B7, gray and BatchNorm", 1000, () => {
      const options = { includeTop: false, pooling: "avg" };
      foldBatchNorm(foldGrayscale(bind(efficientNet("efficientnet-b7", options), weights)));
    }),
  ];
  if (existsSync(recorded)) {
    const bytes = new Uint8Array(readFileSync(recorded));
    rows.push(await row("read B0's .h5, 16 MB", 150, () => readKerasH5(bytes)));
  } else {
    console.log(`  skipped: read B0's .h5: ${recorded} is not beside this checkout`);
  }
  rows.push(
    await row("grayling summary efficientnet-b7", 400, () => {
      const { status } = spawnSync(process.execPath, [cli, "summary", "efficientnet-b7"], { stdio: "ignore" });
      if (status !== 0) throw new Error(`grayling summary: exit code ${status}`);
    }),
  );
  printTable(["", "ms", "first", "goal", ""], rows);
}

async function row(name, limit, run) {
  const times = [];
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  const ms = median(times);
  return [name, ms.toFixed(0), times[0].toFixed(0), `under ${limit}`, verdict(ms < limit)];
}
