/** (e) What the command line takes to print its help, process start and end included. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { printTable, verdict } from "./print-table.mjs";
import { median } from "./rounds.mjs";

const limit = 150; // ms
const starts = 15;
const cli = fileURLToPath(new URL("./cli.js", import.meta.resolve("grayling")));

export function benchStartUp() {
  console.log(`(e) start-up, median of ${starts}; goal: --help under ${limit} ms`);
  const commands = {
    "grayling --help": [cli, "--help"],
    "grayling train --help": [cli, "train", "--help"],
    "node -e 0": ["-e", "0"],
  };
  const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let i = 0; i <= starts; i++) {
    for (const [name, args] of Object.entries(commands)) {
      const start = performance.now();
      const { status } = spawnSync(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
      if (status !== 0) throw new Error(`${name}: exit code ${status}`);
      if (i > 0) times[name].push(performance.now() - start); // the first fills the disk cache
    }
  }
  const bare = median(times["node -e 0"]);
  const rows = Object.entries(times).map(([name, taken]) => {
    const ms = median(taken);
    const isGoal = name === "grayling --help";
    return [name, ms.toFixed(0), (ms - bare).toFixed(0), isGoal ? verdict(ms < limit) : ""];
  });
  printTable(["", "ms", "ms above bare Node", ""], rows);
}
