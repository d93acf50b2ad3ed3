import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../seeded-random.js";
import { lbfgs, minimize, minimizeTogether } from "./lbfgs.js";
import type { Evaluation } from "./line-search.js";

type Evaluate = (x: Float64Array) => Evaluation;

/** Σ 100·(x_{2i+1} − x_{2i}²)² + (1 − x_{2i})²: a curved valley with its minimum 0 at (1, 1, …). */
const rosenbrock: Evaluate = (x) => {
  const gradient = new Float64Array(x.length);
  let value = 0;
  for (let i = 0; i < x.length; i += 2) {
    const [a, b] = [x[i]!, x[i + 1]!];
    const [bend, rest] = [b - a * a, 1 - a];
    value += 100 * bend * bend + rest * rest;
    gradient[i] = -400 * a * bend - 2 * rest;
    gradient[i + 1] = 200 * bend;
  }
  return { value, gradient };
};

/** ½ Σ c_i·(x_i − i)² with c from 1 to `condition`, evenly in the logarithm. */
const quadratic =
  (condition: number): Evaluate =>
  (x) => {
    const scale = Float64Array.from(x, (_, i) => condition ** (i / (x.length - 1)));
    const gradient = x.map((value, i) => scale[i]! * (value - i));
    return { value: x.reduce((sum, value, i) => sum + 0.5 * scale[i]! * (value - i) ** 2, 0), gradient };
  };

const asynchronous = (evaluate: Evaluate) => async (x: Float64Array) => evaluate(x);
const options = { tolerance: 1e-8, maximumIterations: 2000 };

describe("L-BFGS", () => {
  it.each([2, 10, 100])("finds the minimum of Rosenbrock's valley in %i dimensions", async (size) => {
    const start = Float64Array.from({ length: size }, (_, i) => (i % 2 === 0 ? -1.2 : 1));
    const { point, outcome, iterations } = await minimize(asynchronous(rosenbrock), start, options);
    expect(outcome).toBe("converged");
    expect(iterations).toBeLessThan(80);
    // The valley's flattest curvature is 0.4: a gradient of 1e-8 leaves x within 1e-7.
    for (const x of point) expect(Math.abs(x - 1)).toBeLessThan(1e-7);
  });

  // Evaluations of scipy 1.17's L-BFGS-B with 10 pairs, for the same function, start and tolerance.
  it.each([
    { condition: 1e3, tolerance: 1e-8, scipy: 301 },
    { condition: 1e4, tolerance: 1e-8, scipy: 855 },
    { condition: 1e6, tolerance: 1e-2, scipy: 2981 },
  ])(
    "minimizes a quadratic of condition $condition about as fast as scipy",
    async ({ condition, tolerance, scipy }) => {
      let evaluations = 0;
      const counting = async (x: Float64Array) => {
        evaluations++;
        return quadratic(condition)(x);
      };
      const limits = { tolerance, maximumIterations: scipy };
      const { point, outcome } = await minimize(counting, new Float64Array(30), limits);
      expect(outcome).toBe("converged");
      expect(evaluations).toBeLessThan(1.1 * scipy);
      // The smallest curvature is 1, so the gradient bounds the distance.
      point.forEach((x, i) => {
        expect(Math.abs(x - i)).toBeLessThanOrEqual(tolerance);
      });
    },
  );

  it("steps back from where the function is not a number", async () => {
    // x − ln x, minimum at 1; left of 0 it is NaN.
    const barrier: Evaluate = ([x]) => ({ value: x! - Math.log(x!), gradient: Float64Array.of(1 - 1 / x!) });
    const { point, outcome } = await minimize(asynchronous(barrier), Float64Array.of(30), options);
    expect(outcome).toBe("converged");
    expect(point[0]).toBeCloseTo(1, 7);
  });

  it("gets through float32 noise in the values by trusting the slopes", async () => {
    const noisy: Evaluate = (x) => {
      const { value, gradient } = quadratic(1e3)(x);
      return { value: Math.fround(1000 + value), gradient };
    };
    const { gradientNorm, outcome } = await minimize(asynchronous(noisy), new Float64Array(30), {
      ...options,
      noise: 1e-7,
    });
    expect(outcome).toBe("converged");
    expect(gradientNorm).toBeLessThan(1e-8);
  });

  it("stalls gracefully where noise in the gradient hides the way", async () => {
    const random = new SeededRandom(0);
    const noisy: Evaluate = (x) => {
      const { value, gradient } = quadratic(10)(x);
      return { value: value * (1 + 1e-7 * random.next()), gradient: gradient.map((g) => g + 1e-4 * random.normal()) };
    };
    const { gradientNorm, outcome } = await minimize(asynchronous(noisy), new Float64Array(30), {
      ...options,
      noise: 1e-7,
    });
    expect(outcome).toBe("stalled");
    // Twenty deviations of the noise.
    expect(gradientNorm).toBeLessThan(2e-3);
  });

  it("says when it runs out of iterations, and when a start cannot be evaluated", async () => {
    const start = Float64Array.of(-1.2, 1);
    const limited = await minimize(asynchronous(rosenbrock), start, { tolerance: 1e-8, maximumIterations: 3 });
    expect([limited.outcome, limited.iterations]).toEqual(["out of iterations", 3]);
    const broken = await minimize(
      asynchronous(() => ({ value: NaN, gradient: Float64Array.of(NaN) })),
      Float64Array.of(1),
      options,
    );
    expect([broken.outcome, broken.iterations]).toEqual(["stalled", 0]);
  });

  it("needs no step at the minimum", async () => {
    const { iterations, gradientNorm } = await minimize(asynchronous(rosenbrock), Float64Array.of(1, 1), options);
    expect([iterations, gradientNorm]).toEqual([0, 0]);
  });
});

describe("minimizations in lockstep", () => {
  it("give what each gives alone, and ask only for those still running", async () => {
    const functions = [quadratic(1), rosenbrock, quadratic(1e4)];
    const starts = [new Float64Array(6), Float64Array.of(-1.2, 1), new Float64Array(6)];
    const rounds: (readonly number[])[] = [];
    const together = await minimizeTogether(
      starts.map((start) => lbfgs(start, options)),
      async (points, indices) => {
        rounds.push(indices);
        return points.map((point, i) => functions[indices[i]!]!(point));
      },
    );
    const alone = await Promise.all(functions.map((each, i) => minimize(asynchronous(each), starts[i]!, options)));
    expect(together).toEqual(alone);
    expect(rounds[0]).toEqual([0, 1, 2]);
    expect(rounds.at(-1)).toHaveLength(1);
  });
});
