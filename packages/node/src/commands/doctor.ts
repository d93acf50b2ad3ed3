/** `grayling doctor`: what this machine has, and how fast it is. */
import type { Command } from "commander";
import type { Console } from "./console.js";
import { addExamples } from "./shared-options.js";

export function defineDoctor(program: Command, console: Console): void {
  const command = program
    .command("doctor")
    .summary("list what this machine has, and measure it")
    .description(
      "Lists versions, devices and folders, and measures the bundled network on every device that can run it.",
    )
    .option("--json", "print JSON");
  addExamples(command, "grayling doctor");
  command.action((flags: { readonly json?: boolean }) => run(flags, console));
}

async function run({ json }: { readonly json?: boolean }, console: Console): Promise<void> {
  const [{ diagnose }, { alignColumns }] = await Promise.all([
    import("../doctor/diagnose.js"),
    import("@grayling/core"),
  ]);
  const { facts, devices } = await diagnose(console.cache);
  if (json) return console.print(JSON.stringify({ facts, devices }, null, 2));
  for (const line of alignColumns(Object.entries(facts))) console.print(line);
  console.print();
  const rows = devices.map(({ name, imagesPerSecond, problem }) => [
    name,
    imagesPerSecond === undefined ? "–" : `${imagesPerSecond.toFixed(0)} images/s`,
    problem ?? "ready",
  ]);
  for (const line of alignColumns([["device", "efficientnet-lite0, 224 × 224", ""], ...rows])) console.print(line);
}
