/**
 * Standard normal numbers, one for every pixel: four times as fast as by Box and Muller.
 *
 * The ziggurat: the bell is covered by 128 layers of one area, nearly all of each below the curve. A layer and a place in
 * it come from one number of 32 bits, 24 of them for the place.
 * Sources: Marsaglia and Tsang 2000, The Ziggurat Method, doi:10.18637/jss.v005.i08; Doornik 2005, An Improved Ziggurat
 * Method, for bits of its own for the layer, without which the numbers are correlated.
 */
import type { SeededRandom } from "../../seeded-random.js";

const layers = 128;
const tailStart = 3.442619855899; // of the last layer
const layerArea = 9.91256303526217e-3;

interface Ziggurat {
  /** [layers + 1], the right end of every layer, falling; the first that of a rectangle as large as base and tail. */
  readonly ends: Float64Array;
  /** [layers], the part of a layer's width that lies below the curve for certain. */
  readonly sure: Float64Array;
}

const bell = (x: number) => Math.exp(-0.5 * x * x);

function buildZiggurat(): Ziggurat {
  const ends = new Float64Array(layers + 1);
  ends[0] = layerArea / bell(tailStart);
  ends[1] = tailStart;
  for (let i = 2; i < layers; i++) ends[i] = Math.sqrt(-2 * Math.log(layerArea / ends[i - 1]! + bell(ends[i - 1]!)));
  return { ends, sure: Float64Array.from({ length: layers }, (_, i) => ends[i + 1]! / ends[i]!) };
}

/** Fills `values` with standard normal numbers, each from about one number of `random`; returns them. */
export function fillWithNormal<Values extends Float32Array | Float64Array>(
  values: Values,
  random: SeededRandom,
): Values {
  const { ends, sure } = buildZiggurat();
  for (let i = 0; i < values.length; ) {
    const bits = (random.next() * 0x1_0000_0000) >>> 0;
    const layer = bits & (layers - 1);
    const place = ((bits >>> 8) + 0.5) / 0x80_0000 - 1; // −1 … 1, 24 bits; the one between is not used
    const x = place * ends[layer]!;
    if (Math.abs(place) < sure[layer]!) values[i++] = x;
    else if (layer === 0) values[i++] = fromTail(random, place);
    else if (isBelowBell(x, ends[layer]!, ends[layer + 1]!, random)) values[i++] = x;
  }
  return values;
}

/** Whether a random height between those of the bell at the ends of two layers lies below the bell at `x`. */
function isBelowBell(x: number, end: number, nextEnd: number, random: SeededRandom): boolean {
  return bell(end) + random.next() * (bell(nextEnd) - bell(end)) < bell(x);
}

/** Beyond the last layer. Source: Marsaglia 1964, doi:10.1080/00401706.1964.10490150. */
function fromTail(random: SeededRandom, sign: number): number {
  for (;;) {
    const x = -Math.log(1 - random.next()) / tailStart;
    const y = -Math.log(1 - random.next());
    if (2 * y > x * x) return sign < 0 ? -tailStart - x : tailStart + x;
  }
}
