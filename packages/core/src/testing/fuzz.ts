/** Feeds a reader thousands of hostile files in a process of its own, which a watchdog ends when it hangs. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { SeededRandom } from "../seeded-random.js";

/** What is fuzzed: a module in `testing/` exports one as `target`. */
export interface FuzzTarget {
  /** One hostile file; the same random numbers give the same file. */
  make(random: SeededRandom): Uint8Array | Promise<Uint8Array>;
  /** Reads it as the library does. Throws what the reader throws, or an error of its own for a result that makes no sense. */
  read(bytes: Uint8Array): unknown;
  /** Reads a sound file: the reader must still be able to. */
  readSound(): unknown;
}

export interface FuzzReport {
  readonly files: number;
  readonly accepted: number;
  readonly refused: number;
  readonly slowestMs: number;
  /** bytes of memory that the process had at its most, above what it had before the first file. */
  readonly peakBytes: number;
  /** Whatever is not allowed to happen, each with its seed and case. */
  readonly failures: readonly string[];
}

/** What the process prints, a line of JSON each. */
export type FuzzMessage =
  | { readonly kind: "start"; readonly case: number }
  | { readonly kind: "failure"; readonly case: number; readonly text: string }
  | { readonly kind: "progress"; readonly next: number; readonly tally: FuzzTally };

export interface FuzzTally {
  readonly accepted: number;
  readonly refused: number;
  readonly slowestMs: number;
  readonly peakBytes: number;
}

/** ms of wall clock after which a file counts as a hang: far more than the second of computing that a file may take. */
const patienceMs = 5000;
const maximumFailures = 20;

/** Runs the cases 0 … `files` − 1 of a module in this folder, e.g. `hostile-safetensors`. */
export async function fuzz(target: string, { files, seed }: { files: number; seed: number }): Promise<FuzzReport> {
  const failures: string[] = [];
  let [accepted, refused, slowestMs, peakBytes] = [0, 0, 0, 0];
  let next = 0;
  while (next < files && failures.length < maximumFailures) {
    const run = await runProcess(target, seed, next, files);
    for (const { case: number, text } of run.failures)
      failures.push(`${target}, seed ${seed}, case ${number}: ${text}`);
    accepted += run.tally.accepted;
    refused += run.tally.refused;
    slowestMs = Math.max(slowestMs, run.tally.slowestMs);
    peakBytes = Math.max(peakBytes, run.tally.peakBytes);
    next = run.next;
  }
  return { files: next, accepted, refused, slowestMs, peakBytes, failures };
}

/** One line for a person. */
export const showReport = (name: string, { files, accepted, refused, slowestMs, peakBytes }: FuzzReport): string =>
  `${name}: ${files} files, ${refused} refused, ${accepted} accepted, ` +
  `slowest ${slowestMs.toFixed(0)} ms, ${(peakBytes / 2 ** 20).toFixed(0)} MB of memory at most`;

interface Run {
  readonly next: number;
  readonly tally: FuzzTally;
  readonly failures: readonly { readonly case: number; readonly text: string }[];
}

/** A process for the cases from `first` on, until it has done all, dies or hangs. */
async function runProcess(target: string, seed: number, first: number, end: number): Promise<Run> {
  const program = fileURLToPath(new URL("fuzz-process.js", import.meta.url));
  const child = spawn(process.execPath, [program, target, String(seed), String(first), String(end)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  const failures: { case: number; text: string }[] = [];
  let current = first - 1; // before the first case the process starts up
  let next: number | undefined;
  let tally: FuzzTally = { accepted: 0, refused: 0, slowestMs: 0, peakBytes: 0 };
  let isHanging = false;
  const watch = () =>
    setTimeout(() => {
      isHanging = true;
      child.kill("SIGKILL");
    }, patienceMs);
  let watchdog = watch();
  for await (const line of createInterface({ input: child.stdout })) {
    clearTimeout(watchdog);
    watchdog = watch();
    const message: FuzzMessage = JSON.parse(line);
    if (message.kind === "start") current = message.case;
    else if (message.kind === "failure") failures.push(message);
    else ({ next, tally } = message);
  }
  clearTimeout(watchdog);
  await closed;
  if (next !== end) {
    const text = isHanging
      ? `hangs for more than ${patienceMs} ms`
      : `ends the process (${child.signalCode ?? child.exitCode})`;
    failures.push({ case: current, text });
  }
  return { next: next === end ? end : Math.max(current, first) + 1, tally, failures };
}
