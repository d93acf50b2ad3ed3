/** A number that must be whole. */
import { InputError } from "@grayling/core";

/** The number, at least `least`. Throws `InputError` for any other. */
export function whole(what: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new InputError(`${what} ${value}: expected a whole number of at least ${least}`);
}
