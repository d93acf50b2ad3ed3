/** What every command needs of the process it runs in: handed in by `cli.ts`, so that commands read nothing global. */
import type { Colors } from "picocolors/types.js";
import type { Progress } from "../terminal/progress.js";

export interface Console {
  /** A line of results, to standard output. */
  print(line?: string): void;
  /** A line about the work, to standard error. */
  note(line: string): void;
  readonly progress: Progress;
  /** Colours of standard output. */
  readonly colors: Colors;
  /** Aborted by Ctrl-C, and by other signals to stop. */
  readonly signal: AbortSignal;
  /** Where weights and features are kept, if no flag says otherwise. */
  readonly cache: string;
}
