/** A word that must be one of a few. */
import { didYouMean, InputError } from "@grayling/core";

/** The value among those allowed. Throws `InputError` that names them, and the nearest. */
export function oneOf<T extends string>(what: string, value: string, values: readonly T[]): T {
  const found = values.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new InputError(`${what} "${value}": expected one of ${values.join(", ")}${didYouMean(value, values)}`);
}
