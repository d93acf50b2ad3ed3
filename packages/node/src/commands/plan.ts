/** `grayling plan`: what a training of the network will compute, and how long it will take. */
import type { Command } from "commander";
import type { Console } from "./console.js";
import { addExamples } from "./shared-options.js";
import { addTrainingOptions, settingsOf, type TrainFlags } from "./training-options.js";

export function definePlan(program: Command, console: Console): void {
  const command = program
    .command("plan")
    .summary("tell what a training will compute, and how long it will take")
    .description(
      "Measures two batches of a training of the network, and of the cheaper ones, and tells time, memory, disk and parameters of each. " +
        "Nothing is trained or written.",
    )
    .argument("<folder>", "as for train");
  addTrainingOptions(command);
  addExamples(
    command,
    "grayling plan letters --size 112x112 --unfreeze all",
    "grayling plan steel --unfreeze block6 --augment surface",
  );
  command.action((folder: string, flags: TrainFlags) => run(folder, flags, console));
}

async function run(folder: string, flags: TrainFlags, console: Console): Promise<void> {
  const [{ planTraining }, { planTable }] = await Promise.all([
    import("../train/network/plan-training.js"),
    import("./plan-report.js"),
  ]);
  const plan = await planTraining(folder, {
    ...settingsOf(flags, console),
    onMeasured: (unfreeze) => console.progress.status(`measuring --unfreeze ${unfreeze}`),
  });
  console.progress.finish();
  for (const line of planTable(plan)) console.print(line);
}
