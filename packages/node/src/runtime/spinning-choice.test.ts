import { describe, expect, it } from "vitest";
import { SpinningChoice } from "./spinning-choice.js";

/** Which of so many runs spin, where a run takes `time(spins, run)` ms. */
function follow(count: number, time: (spins: boolean, run: number) => number): boolean[] {
  const choice = new SpinningChoice();
  let spins = false;
  return Array.from({ length: count }, (_, run) => {
    const now = spins;
    spins = choice.note(time(now, run));
    return now;
  });
}

const spinning = (runs: readonly boolean[]) => runs.filter(Boolean).length;

describe("SpinningChoice", () => {
  it("begins without, and spins from the eleventh run on where that is faster", () => {
    const runs = follow(100, (spins) => (spins ? 85 : 100));
    expect(runs.indexOf(true)).toBe(10);
    expect(spinning(runs)).toBe(90);
  });

  it("gives a slow trial up after its first run, and tries ever more seldom", () => {
    const runs = follow(1000, (spins) => (spins ? 300 : 100));
    expect(runs.flatMap((spins, run) => (spins ? [run] : []))).toEqual([10, 51, 212, 853]);
  });

  it("gives up after a few runs what gains nothing", () => {
    expect(spinning(follow(50, () => 100))).toBe(6);
  });

  it("bears a first run that fetches its memory, and single slow ones later", () => {
    const first = (spins: boolean, run: number) => (run === 10 ? 200 : spins ? 85 : 100);
    expect(spinning(follow(100, first))).toBe(90);
    expect(spinning(follow(100, (spins, run) => (run % 20 === 19 ? 400 : spins ? 85 : 100)))).toBe(90);
  });

  it("stops spinning when other work begins, and spins again when that is over", () => {
    const runs = follow(400, (spins, run) => {
      const isBusy = run >= 50 && run < 120;
      return spins ? (isBusy ? 400 : 85) : isBusy ? 180 : 100;
    });
    expect(runs[49]).toBe(true);
    expect(spinning(runs.slice(50, 90))).toBeLessThan(6);
    expect(runs[399]).toBe(true);
  });
});
