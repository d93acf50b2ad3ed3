/** Whether a process of this machine still runs. */
import { readFileSync } from "node:fs";

/** Also of other users' processes. One that has ended and only waits for its parent to notice (a zombie) does not run. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0); // no signal, only the question
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH"; // EPERM: another user's
  }
  return !/^[ZX]$/.test(fieldsOf(pid)?.[0] ?? "");
}

/**
 * When a process began, in whatever unit the system has: of two processes with the same number it differs. Undefined where
 * the system does not tell: that is all but Linux.
 */
export const startOf = (pid: number): string | undefined => fieldsOf(pid)?.[19];

/** Of `/proc/<pid>/stat` what stands behind the name, which may hold anything; source: proc_pid_stat(5), fields 3 and on. */
function fieldsOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
