/** Measures things against each other: in alternating rounds, so that what else the machine does hits all alike. */

/**
 * Runs every entry once to warm up, then `rounds` times in turn. `run` does `images` of work.
 *
 * @param entries `{ name: { images, run } }`
 * @returns `{ name: { perSecond, cpuMs, samples } }`: medians of images per second, and of milliseconds of processor per
 *   image, all threads together; `samples` are those of each round
 */
export async function inTurn(entries, rounds) {
  const samples = new Map(Object.keys(entries).map((name) => [name, []]));
  for (const { run } of Object.values(entries)) await run();
  for (let round = 0; round < rounds; round++) {
    for (const [name, { images, run }] of Object.entries(entries)) {
      const cpu = process.cpuUsage();
      const start = performance.now();
      await run();
      const ms = performance.now() - start;
      const { user, system } = process.cpuUsage(cpu);
      samples.get(name).push({ perSecond: (images * 1000) / ms, cpuMs: (user + system) / 1000 / images });
    }
  }
  return Object.fromEntries([...samples].map(([name, taken]) => [name, medians(taken)]));
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle) - 1]) / 2;
}

/** How many times as fast the first is as the second: the median over rounds, in which both met the same load. */
export function speedUp(first, second) {
  const inRounds = (ratioOf) => median(first.samples.map((sample, round) => ratioOf(sample, second.samples[round])));
  return { wall: inRounds((a, b) => a.perSecond / b.perSecond), cpu: inRounds((a, b) => b.cpuMs / a.cpuMs) };
}

const medians = (samples) => ({
  samples,
  perSecond: median(samples.map(({ perSecond }) => perSecond)),
  cpuMs: median(samples.map(({ cpuMs }) => cpuMs)),
});
