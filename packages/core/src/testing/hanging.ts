/** A reader that never ends: `fuzz` must end it. */
import type { FuzzTarget } from "./fuzz.js";

export const target: FuzzTarget = {
  make: () => new Uint8Array(0),
  read: () => {
    for (;;);
  },
  readSound: () => {},
};
