/** Real Keras and PyTorch, where a Python that has them can be found: the peers that weight files are checked with. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

const libraries = {
  keras: { variable: "GRAYLING_PYTHON_KERAS", probe: "import tensorflow, keras" },
  torch: { variable: "GRAYLING_PYTHON_TORCH", probe: "import torch, torchvision, timm, safetensors" },
} as const;

export type PythonLibrary = keyof typeof libraries;

/** An interpreter that can import the library: the one its environment variable names, or the first on the path. */
export async function findPython(library: PythonLibrary): Promise<string | undefined> {
  const { variable, probe } = libraries[library];
  for (const python of [process.env[variable], "python3", "python"]) {
    if (python && (await canRun(python, probe))) return python;
  }
  return undefined;
}

/** Why a test is skipped that found none. */
export const withoutPython = (library: PythonLibrary): string =>
  `no Python with ${library} on the path, and ${libraries[library].variable} names none`;

/** What a program prints. Rejects with its last error output if it fails. */
export async function runPython(python: string, program: string, args: readonly string[] = []): Promise<string> {
  const options = { env: { ...process.env, ...quiet }, maxBuffer: 256 * 2 ** 20 };
  try {
    return (await execute(python, ["-c", program, ...args], options)).stdout;
  } catch (cause) {
    const { stderr = "" } = cause as { stderr?: string };
    throw new Error(`${python}: ${stderr.trim().split("\n").slice(-12).join("\n") || cause}`, { cause });
  }
}

/** TensorFlow tells much about itself, and rounds differently with oneDNN. */
const quiet = { TF_CPP_MIN_LOG_LEVEL: "3", TF_ENABLE_ONEDNN_OPTS: "0", CUDA_VISIBLE_DEVICES: "" };

async function canRun(python: string, program: string): Promise<boolean> {
  try {
    await runPython(python, program);
    return true;
  } catch {
    return false;
  }
}
