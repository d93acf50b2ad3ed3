/**
 * The process of `fuzz`: `node fuzz-process.js <target> <seed> <first> <end>` reads the cases one after the other and says
 * what happened, a line of JSON each. Run by hand it repeats a failure; what an earlier file left behind needs the same `first`.
 */
import { readFileSync, writeSync } from "node:fs";
import { WeightsError } from "../errors.js";
import { SeededRandom } from "../seeded-random.js";
import type { FuzzMessage, FuzzTarget } from "./fuzz.js";

const slowestMs = 1000;
const mostMemory = 512 * 2 ** 20; // bytes
const longestMessage = 300; // characters
/** A sound file is read after so many hostile ones. */
const soundEvery = 500;

const [name, seed, first, end] = process.argv.slice(2);
const { target }: { target: FuzzTarget } = await import(`./${name}.js`);

await target.readSound(); // Compiles the reader, so that the first case is not slow for it.
const baseBytes = peakMemory();
const tally = { accepted: 0, refused: 0, slowestMs: 0, peakBytes: 0 };
for (let number = Number(first); number < Number(end); number++) {
  say({ kind: "start", case: number });
  await runCase(number);
  if (number % soundEvery === soundEvery - 1) await readSound(number);
  say({ kind: "progress", next: number + 1, tally });
}

async function runCase(number: number): Promise<void> {
  const bytes = await target.make(new SeededRandom(Number(seed), `case ${number}`));
  const [start, startCpu] = [performance.now(), process.cpuUsage()];
  const complaint = await outcome(bytes);
  // On a busy machine a case waits for others; the compiler and the collector work beside it. The less of both is its own.
  const { user, system } = process.cpuUsage(startCpu);
  const ms = Math.min(performance.now() - start, (user + system) / 1000);
  tally.slowestMs = Math.max(tally.slowestMs, ms);
  const before = tally.peakBytes;
  tally.peakBytes = Math.max(before, peakMemory() - baseBytes);
  const fail = (text: string) => say({ kind: "failure", case: number, text });
  if (complaint !== undefined) fail(complaint);
  if (ms > slowestMs) fail(`takes ${ms.toFixed(0)} ms`);
  if (before <= mostMemory && tally.peakBytes > mostMemory) fail(`takes ${tally.peakBytes} bytes of memory`);
}

/** What the case did that it must not. */
async function outcome(bytes: Uint8Array): Promise<string | undefined> {
  try {
    await target.read(bytes);
    tally.accepted++;
    return undefined;
  } catch (error) {
    if (!(error instanceof WeightsError)) return String(error instanceof Error ? error.stack : error);
    tally.refused++;
    const { message } = error;
    if (message.length > longestMessage) return `a message of ${message.length} characters: ${message.slice(0, 400)}`;
    if (/[\p{C}\p{Zl}\p{Zp}]/u.test(message))
      return `a message that is not one printable line: ${JSON.stringify(message)}`;
    return undefined;
  }
}

async function readSound(number: number): Promise<void> {
  try {
    await target.readSound();
  } catch (error) {
    say({ kind: "failure", case: number, text: `a sound file after it is refused: ${error}` });
  }
}

/** bytes; the most that this process has had. Linux tells it; elsewhere what there is right now stands in. */
function peakMemory(): number {
  try {
    return 1024 * Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))![1]);
  } catch {
    return process.memoryUsage.rss();
  }
}

/** At once, whatever the case does next. */
function say(message: FuzzMessage): void {
  writeSync(1, `${JSON.stringify(message)}\n`);
}
