/** Logs of real trainings, read by TensorBoard itself. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findPython, runPython } from "../testing/find-python.js";
import { paintNoise } from "../testing/paint-noise.js";
import { type TrainSettings, train } from "../train/train.js";
import { tensorBoardLog } from "./tensorboard-log.js";

/** Every run below a folder: its scalars as `[step, value]`, and the sizes of its images. */
const program = `
import json, os, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
found = {}
for folder, _, files in os.walk(sys.argv[1]):
    if not any("tfevents" in name for name in files):
        continue
    events = EventAccumulator(folder, size_guidance={"scalars": 0, "images": 0})
    events.Reload()
    tags = events.Tags()
    found[os.path.relpath(folder, sys.argv[1]).replace(os.sep, "/")] = {
        "scalars": {tag: [[one.step, one.value] for one in events.Scalars(tag)] for tag in tags["scalars"]},
        "images": {tag: [[one.width, one.height] for one in events.Images(tag)] for tag in tags["images"]},
    }
print(json.dumps(found))
`;

interface SeenRun {
  readonly scalars: Readonly<Record<string, readonly (readonly [number, number])[]>>;
  readonly images: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}

let folder: string;
let python: string | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling tensorboard-"));
  python = await findPython("GRAYLING_PYTHON_TENSORBOARD", "import tensorboard");
  await paintNoise(join(folder, "images"), 40);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const noPython = "no Python with tensorboard on the path, and GRAYLING_PYTHON_TENSORBOARD names none";

async function trainAndRead(name: string, settings: TrainSettings) {
  const logs = join(folder, "logs", name);
  const log = tensorBoardLog(logs);
  const result = await train(join(folder, "images"), {
    ...{ height: 32, width: 32, threads: 1, out: join(folder, "runs"), name, onEvent: log },
    ...settings,
  });
  log.close(result);
  const printed = await runPython(python!, program, [logs]); // else skipped
  return { result, seen: JSON.parse(printed) as Record<string, SeenRun> };
}

it("reads the scalars of a network's training, and the confusions as a picture", async (context) => {
  if (!python) return context.skip(noPython);
  const { result, seen } = await trainAndRead("network", { unfreeze: "top", epochs: 3, test: 0.2 });
  const { history } = result.network!.tuned;
  const of = (part: string, tag: string) => seen[part]!.scalars[tag]!;
  for (const [i, epoch] of history.entries()) {
    // values are kept as float32
    expect(of("train", "epoch_loss")[i]).toEqual([i, Math.fround(epoch.loss)]);
    expect(of("validation", "epoch_accuracy")[i]).toEqual([i, Math.fround(epoch.validationAccuracy!)]);
  }
  expect(of("train", "batch_loss").length % history.length).toBe(0);
  expect(of("head/train", "fit_loss")).toHaveLength(result.head.history.length);
  expect(of("test", "final/accuracy")).toEqual([
    [0, Math.fround(result.judged.judgement.measured.test!.metrics.accuracy)],
  ]);
  const [picture] = Object.values(seen["test"]!.images);
  expect(picture).toEqual([[300, 300]]);
});

it("reads the curves of a head of layers, fold by fold", async (context) => {
  if (!python) return context.skip(noPython);
  const { result, seen } = await trainAndRead("layers", { head: "dense(8,relu)", epochs: 4, folds: 2 });
  const curve = seen["head/train"]!.scalars["epoch_accuracy"]!;
  expect(curve.map(([, value]) => value)).toEqual(result.head.history.map(({ accuracy }) => Math.fround(accuracy!)));
  expect(Object.keys(seen).sort()).toEqual(
    ["fold-1/head/held-out", "fold-1/head/train", "fold-2/head/held-out", "fold-2/head/train"].concat([
      "head/held-out",
      "head/train",
      "validation",
    ]),
  );
});
