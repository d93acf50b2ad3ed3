import { expect, it } from "vitest";
import { efficientNet } from "../../models/efficientnet.js";
import type { Runtime } from "../../runtime/session.js";
import { initialize } from "../../weights/initialize.js";
import { buildHead } from "../layers/build-head.js";
import { openTrainer } from "./open-trainer.js";
import { prepareNetwork } from "./prepare-network.js";

it("releases the session of the step where that of the measuring cannot be opened", async () => {
  const graph = efficientNet("efficientnet-lite0", { height: 32, width: 32, includeTop: false, pooling: "avg" });
  const backbone = { graph, weights: initialize(graph, 1) };
  const headGraph = buildHead([], 1280, 2);
  const head = { graph: headGraph, weights: initialize(headGraph, 1) };
  const network = prepareNetwork(backbone, head, { unfreeze: "top", batchNorm: "frozen", stochasticDepth: false });
  const events: string[] = [];
  const runtime: Runtime = {
    async open() {
      if (events.push("open") === 2) throw new Error("out of memory");
      return {
        bind: async () => {},
        run: async () => ({}),
        release: async () => void events.push("release"),
      };
    },
  };
  const options = { kernels: { name: "portable" }, images: 4, optimizer: "adamw", limits: {}, seed: 1 } as const;
  const allocate = (length: number) => new Float32Array(length);
  await expect(openTrainer(runtime, network, options, allocate)).rejects.toThrow("out of memory");
  expect(events).toEqual(["open", "open", "release"]);
});
