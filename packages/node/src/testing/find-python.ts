/** A Python for tests that hold files against the programs that read them. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** The interpreter that a variable of the environment names, or the first on the path, if it can run the imports. */
export async function findPython(variable: string, imports: string): Promise<string | undefined> {
  for (const python of [process.env[variable], "python3", "python"]) {
    if (!python) continue;
    const canRun = await execute(python, ["-c", imports]).then(
      () => true,
      () => false,
    );
    if (canRun) return python;
  }
  return undefined;
}

/** What a program prints. */
export async function runPython(python: string, program: string, args: readonly string[]): Promise<string> {
  return (await execute(python, ["-c", program, ...args], { maxBuffer: 2 ** 26 })).stdout;
}
