/** A word that must be one of a few. */
import { InputError } from "@grayling/core";
import { didYouMean } from "./did-you-mean.js";

/** The value among those allowed. Throws `InputError` that names them, and the nearest. */
export function oneOf<T extends string>(what: string, value: string, values: readonly T[]): T {
  const found = values.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new InputError(`${what} "${value}": expected one of ${values.join(", ")}${didYouMean(value, values)}`);
}
