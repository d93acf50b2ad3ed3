import {
  bind,
  calmWeights,
  efficientNet,
  encode,
  foldBatchNorm,
  foldGrayscale,
  inference,
  lower,
  type NamedTensors,
} from "@grayling/core";
import { expect, it } from "vitest";
import { inThreadRuntime } from "./in-thread-runtime.js";

const side = 64; // px
const graph = efficientNet("efficientnet-b0", { height: side, width: side, includeTop: false, pooling: "avg" });
const model = encode(lower(foldBatchNorm(foldGrayscale(bind(graph, calmWeights(graph, 0)))), inference));
const data = Float32Array.from({ length: 4 * side * side }, (_, i) => (i * 7919) % 256);
const feeds: NamedTensors = { input_layer: { shape: [4, 1, side, side], data } };

it("gives the same bytes whether threads spin or not: the eleventh run is the first of a session that does", async () => {
  const session = await inThreadRuntime(2).open(model);
  const outputs: Float32Array[] = [];
  for (let run = 0; run < 14; run++) outputs.push(Object.values(await session.run(feeds))[0]!.data);
  await session.release();
  expect(outputs[0]!.some((value) => value !== 0)).toBe(true);
  for (const output of outputs) expect(output).toEqual(outputs[0]);
});

it("keeps what was bound when the session changes", async () => {
  const session = await inThreadRuntime(2).open(model);
  await session.bind(feeds);
  const outputs: NamedTensors[] = [];
  for (let run = 0; run < 12; run++) outputs.push(await session.run({}));
  await session.release();
  expect(outputs[11]).toEqual(outputs[0]);
});
