/** A reader that does what no reader may, in cases 1 to 5: what `fuzz` must tell. */
import { WeightsError } from "../errors.js";
import type { FuzzTarget } from "./fuzz.js";

let number = 0;

/** µs that this process has computed; on a busy machine more time than that goes by. */
function computedTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const deeds: readonly (() => void)[] = [
  () => {},
  () => {
    throw new TypeError("no WeightsError");
  },
  () => {
    throw new WeightsError("two\nlines");
  },
  () => {
    const start = computedTime();
    while (computedTime() - start < 1_200_000);
  },
  () => {
    throw new WeightsError("refused as it should be");
  },
  () => {
    process.exit(3);
  },
];

export const target: FuzzTarget = {
  make: () => new Uint8Array(0),
  read: () => deeds[number++ % deeds.length]!(),
  readSound: () => {},
};
