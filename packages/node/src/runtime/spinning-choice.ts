/**
 * Whether threads that wait for each other inside a run shall spin. On cores of their own that takes a tenth to a fifth off a training
 * step; beside other work it makes the step up to five times as long. Which it is no one can ask the system, so runs tell.
 */

/** Runs without spinning before it is tried; each time that it did not pay for as long, so many times as many. */
const firstRuns = 10;
const patience = 4;
const mostRuns = 2560;

/** Runs that are compared, by their median. */
const compared = 5;

/** A trial ends at a run that is so many times as long: the first one also fetches its memory. */
const tooLong = 1.5;
const tooLongAtFirst = 2.5;

/** Begins without, and goes back as soon as it does not pay. */
export class SpinningChoice {
  #spins = false;
  #runs: number[] = []; // ms, since the last change
  #without = Number.POSITIVE_INFINITY; // ms, median
  #wait = firstRuns;

  /** Takes note of a run; returns whether threads are to spin in the next ones. */
  note(ms: number): boolean {
    this.#runs.push(ms);
    if (this.#spins ? this.#isSlower(ms) : this.#runs.length >= this.#wait) this.#change();
    return this.#spins;
  }

  #isSlower(ms: number): boolean {
    const [count, ratio] = [this.#runs.length, ms / this.#without];
    if (count <= compared) return ratio > (count === 1 ? tooLongAtFirst : tooLong);
    return median(this.#runs.slice(-compared)) >= this.#without;
  }

  #change(): void {
    if (this.#spins) {
      const hasPaid = this.#runs.length > this.#wait;
      this.#wait = hasPaid ? firstRuns : Math.min(this.#wait * patience, mostRuns);
    } else this.#without = median(this.#runs.slice(-compared));
    this.#spins = !this.#spins;
    this.#runs = [];
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
