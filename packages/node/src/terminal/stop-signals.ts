/** The signals by which people and systems ask a process to stop, and leave it time to save. */
import { constants } from "node:os";

/**
 * Ctrl-C; what `kill`, containers, job queues and shutdowns send; a terminal that was closed (of Windows, which ends the process
 * some seconds later); Ctrl-Break of Windows. Other systems do not know SIGBREAK, Windows does not send SIGTERM.
 */
const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"] as const satisfies readonly NodeJS.Signals[];

/** Wrappers pass a signal on that the process had already: only what comes later means "at once". Ctrl-C is what a person presses. */
const repeatedMs = 1000;

/**
 * Calls `stop` at the first of them. A second one ends the process at once, but SIGHUP: a closed terminal is told by the system
 * and by the shell.
 */
export function onStopSignal(stop: (name: NodeJS.Signals) => void): void {
  let stopping: number | undefined; // since then
  const receive = (name: NodeJS.Signals) => {
    const isFirst = stopping === undefined;
    stopping ??= performance.now();
    if (isFirst) return stop(name);
    const isLater = name === "SIGINT" || performance.now() - stopping > repeatedMs;
    if (name === "SIGHUP" || !isLater) return;
    process.removeListener(name, receive);
    process.kill(process.pid, name);
  };
  for (const name of stopSignals) process.on(name, receive);
}

/** What a shell takes for a process that ended by this signal. */
export const exitCodeOf = (name: NodeJS.Signals): number => 128 + (constants.signals[name] ?? 0);

/**
 * Ends the process as SIGHUP by itself would have: without a terminal Node 20 cannot restore its settings, and aborts where it
 * ends otherwise (`ResetStdio`). Elsewhere than on Windows, which has ended it by then.
 */
export function endByHangUp(): void {
  process.removeAllListeners("SIGHUP");
  if (process.platform !== "win32") process.kill(process.pid, "SIGHUP");
}
