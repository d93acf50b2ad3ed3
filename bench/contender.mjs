/** A contender of a bench in a process of its own: it says `ready …`, then answers each line with a line of JSON. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Ready; undefined, with its reason printed, where it cannot run. `name`: what that line says was skipped. */
export async function openContender({ name, command, args }) {
  const process = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"] });
  const lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
  const started = await Promise.race([lines.next(), once(process, "error").then(() => ({ value: undefined }))]);
  if (!started.value?.startsWith("ready")) {
    console.log(`    ${name}: skipped, ${started.value ?? "it did not start"}`);
    process.kill();
    return undefined;
  }
  const ask = async (line) => {
    process.stdin.write(`${line}\n`);
    const { value } = await lines.next();
    if (value === undefined) throw new Error(`${name} ended without an answer`);
    return JSON.parse(value);
  };
  const close = async () => {
    const exit = once(process, "exit");
    process.stdin.end();
    await exit;
  };
  return { versions: started.value.slice("ready ".length), ask, close };
}
