import { efficientNet, type FitEvent, InputError, initialize, type NetworkRows, prepareNetwork } from "@grayling/core";
import { expect, it } from "vitest";
import { fitRows } from "./fit-rows.js";
import { resolveNetwork } from "./network-options.js";
import { freshHead } from "./with-network.js";

const classes = ["a", "b"];

/** Planes of noise that no rule tells apart. */
const noise: NetworkRows = {
  labels: [0, 1, 0, 1],
  read: async (rows) => ({
    shape: [rows.length, 1, 32, 32],
    data: Float32Array.from({ length: rows.length * 1024 }, (_, i) => (i * 7919 + rows[0]! * 31) % 256),
  }),
};

it("ends a training whose loss is no number with epoch, step, the layer and what to do, and saves nothing of it", async () => {
  const graph = efficientNet("efficientnet-lite0", { height: 32, width: 32, includeTop: false, pooling: "avg" });
  const backbone = { graph, weights: initialize(graph, 1) };
  const head = freshHead(backbone, { head: "linear", seed: 1 }, 2);
  const settings = {
    unfreeze: "all",
    kernels: "portable",
    epochs: 3,
    warmUp: 0,
    optimizer: "sgd",
    schedule: "constant",
  };
  const network = resolveNetwork(settings, 4)!; // it names layers
  const training = { ...network, learningRate: 1e30 }; // options stop at 100: this is what a gradient that explodes does
  const events: FitEvent[] = [];
  const fitting = fitRows(
    { training: noise, validation: undefined, measured: {} },
    {
      ...{ backbone, head, prepared: prepareNetwork(backbone, head, training), training, classes },
      ...{ classWeights: [1, 1], batch: 4, seed: 1, threads: 1, signal: undefined },
      onEvent: async (event) => void events.push(event),
    },
  );
  const error: Error = await fitting.then(
    () => new Error("no error"),
    (cause) => cause,
  );
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toMatch(
    /^training: the loss of epoch \d, step 1 is (NaN|Infinity|\d.*), the .*gradient.* (top|predictions)\S*; lower the learning rate, now 1\.00e\+30$|^training: the loss of epoch \d, step 1 is \S+, the (largest )?gradient .*lower the learning rate/,
  );
  expect(events.at(-1)?.kind).not.toBe("step"); // what came before was whole
}, 60_000);
