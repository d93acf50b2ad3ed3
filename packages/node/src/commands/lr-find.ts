/** `grayling lr-find`: how large a rate a training bears, as a curve and a proposal. */
import type { Command } from "commander";
import type { Console } from "./console.js";
import { parseCount } from "./parse-options.js";
import { addExamples } from "./shared-options.js";
import { addTrainingOptions, settingsOf, type TrainFlags } from "./training-options.js";

interface FindFlags extends TrainFlags {
  readonly steps?: number;
  readonly svg?: string;
}

export function defineLrFind(program: Command, console: Console): void {
  const command = program
    .command("lr-find")
    .summary("find a learning rate for a training of the network")
    .description(
      "Begins where train begins, with the head at its optimum, and takes one step with each of a hundred rates from 1e-6 up, until " +
        "the loss runs away. Draws the loss over the rate and proposes a tenth of the rate at its lowest. Nothing else is written.",
    )
    .argument("<folder>", "as for train")
    .option("--steps <number>", "rates to try (default: 100)", parseCount)
    .option("--svg <file>", "write the curve as a picture");
  addTrainingOptions(command);
  addExamples(command, "grayling lr-find letters --size 112x112 --unfreeze all --svg rates.svg");
  command.action((folder: string, flags: FindFlags) => run(folder, flags, console));
}

async function run(folder: string, { steps, svg, ...flags }: FindFlags, console: Console): Promise<void> {
  const [{ checkWritable }, { findLearningRate }, { rateCurve, rateLines }, { writeAtomically }, { reportTraining }] =
    await Promise.all([
      import("../files/check-writable.js"),
      import("../train/network/find-learning-rate.js"),
      import("./rate-curve.js"),
      import("../files/write-atomically.js"),
      import("./training-report.js"),
    ]);
  await checkWritable(svg);
  const { tried, proposed } = await findLearningRate(folder, {
    ...settingsOf(flags, console),
    steps,
    onEvent: reportTraining(console),
    onTried: ({ rate, smoothed }, done, all) =>
      console.progress.status(`rate ${done}/${all}`, rate.toExponential(1), `loss ${smoothed.toFixed(3)}`),
  });
  console.progress.finish();
  for (const line of rateLines(tried, proposed, process.stdout.columns)) console.print(line);
  console.print();
  console.print(
    proposed === undefined
      ? "no rate made the loss fall: the head is at its optimum already, or the labels cannot be learnt; try --lr 1e-5"
      : `try --lr ${Number(proposed.toPrecision(2))}: a tenth of the rate at which the loss is lowest`,
  );
  if (svg === undefined) return;
  await writeAtomically(svg, rateCurve(tried, proposed));
  console.print(`curve written to ${svg}`);
}
