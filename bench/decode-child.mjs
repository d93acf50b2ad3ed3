/** grayling's side of the decode bench: the reading path of `train`, by the protocol of `peers/decode.py`. */
import { createInterface } from "node:readline";
import { readBatches } from "grayling";

const { side, batch, workers } = JSON.parse(process.argv[2]);

console.log(`ready node ${process.versions.node}`);
for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await run(JSON.parse(line))));

async function run({ paths, low, high }) {
  const before = process.cpuUsage();
  const started = performance.now();
  const done = [];
  let [images, sum] = [0, 0];
  const options = { batch, height: side, width: side, fit: "stretch", concurrency: workers, done };
  const window = { kind: "values", low, high };
  const onSkip = (index, reason) => {
    throw new Error(`${paths[index]}: ${reason}`);
  };
  for await (const { planes, indices } of readBatches(
    paths.map((path) => ({ path })),
    { ...options, window, onSkip },
  )) {
    images += indices.length;
    for (let i = 0; i < planes.length; i += 97) sum += planes[i]; // a look, as the peers take it
    if (indices.length === batch) done.push(planes);
  }
  const { user, system } = process.cpuUsage(before);
  const looked = images * Math.ceil((side * side) / 97);
  return { ms: performance.now() - started, cpuMs: (user + system) / 1000, images, mean: sum / looked };
}
