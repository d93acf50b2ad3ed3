/** (d) The default head, logistic regression to its optimum, on as many features as a large folder of images has. */
import { fitLogisticRegression, runtimeProducts, SeededRandom } from "@grayling/core";
import { openRuntime } from "grayling";
import { printTable } from "./print-table.mjs";

const [rows, columns, classes] = [10_000, 1280, 9];

export async function benchHead() {
  console.log(`(d) the head: ${rows.toLocaleString("en")} × ${columns} features, ${classes} classes`);
  const { values, labels } = makeFeatures();
  const runtime = openRuntime({ device: "cpu", onFallback: console.error });
  const cpu = process.cpuUsage();
  const start = performance.now();
  const products = await runtimeProducts(runtime, values, rows, columns);
  let steps = 0;
  await fitLogisticRegression(products, labels, classes, { seed: 0, onProgress: () => void steps++ });
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  await products.release();
  await runtime.close();
  printTable(
    ["", "seconds", "core seconds", "steps"],
    [["with the choice of the penalty", seconds.toFixed(1), ((user + system) / 1e6).toFixed(1), String(steps)]],
  );
}

/** As pooled activations are: not negative, many columns shared by classes, classes that overlap. */
function makeFeatures() {
  const random = new SeededRandom(0, "features");
  const centres = Float32Array.from({ length: classes * columns }, () => 0.25 * random.normal());
  const labels = Array.from({ length: rows }, (_, row) => row % classes);
  const values = new Float32Array(rows * columns);
  for (let i = 0; i < values.length; i++) {
    const label = labels[Math.floor(i / columns)];
    values[i] = Math.max(0, 0.3 + centres[label * columns + (i % columns)] + random.normal());
  }
  return { values, labels };
}
