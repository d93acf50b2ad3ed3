/** Errors about a model's description, which a stranger may have written. */
import { WeightsError } from "../../errors.js";
import { printable } from "../../text-table.js";

/** characters */
const longest = 100;

/** A value of the description, on one line, printable, and cut to 100 characters. */
export function shown(value: unknown): string {
  const text = typeof value === "object" && value !== null ? describe(value) : (JSON.stringify(value) ?? "nothing");
  return printable(text.length > longest ? `${text.slice(0, longest - 1)}…` : text);
}

/** Objects and lists are not written out: they may be as long and deep as their author likes. */
function describe(value: object): string {
  if (!Array.isArray(value)) return "an object";
  return value.every((element) => element === null || typeof element === "number" || typeof element === "string")
    ? JSON.stringify(value.slice(0, 8))
    : "a list";
}

/** Throws `WeightsError`, one line: `Keras model: subject: problem`. */
export function refuse(subject: string, problem: string, cause?: unknown): never {
  const message = printable(`Keras model: ${subject}: ${problem}`.replace(/\s*\n\s*/g, " "));
  throw new WeightsError(message, { cause });
}
