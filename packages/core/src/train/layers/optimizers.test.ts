import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { repositoryFolder } from "../../testing/repository-folder.js";
import type { OptimizerName, OptimizerSettings } from "./optimizer-rules.js";
import { initialOptimizerState, optimizers, type Update } from "./optimizers.js";

interface Fixture {
  readonly start: readonly number[];
  readonly gradients: readonly (readonly number[])[];
  readonly rates: readonly number[];
  readonly cases: readonly {
    readonly name: OptimizerName;
    readonly settings: OptimizerSettings[OptimizerName];
    readonly after: readonly (readonly number[])[];
  }[];
}

const { start, gradients, rates, cases }: Fixture = JSON.parse(
  readFileSync(repositoryFolder("fixtures", "optimizers", "optimizers.json"), "utf8"),
);

/** The variable after each of the fixture's updates; through JSON and back after half of them, as a resumed run. */
function follow(update: Update): Float32Array[] {
  const variables = { w: Float32Array.from(start) };
  let state = initialOptimizerState;
  return gradients.map((gradient, i) => {
    if (i === 3) state = { step: state.step, moments: structuredClone(state.moments) };
    state = update(variables, { w: Float32Array.from(gradient) }, rates[i]!, state);
    return variables.w.slice();
  });
}

describe("optimizers", () => {
  it.each(cases.map((each) => [each.name, JSON.stringify(each.settings), each] as const))(
    "%s %s follows Keras' formulas",
    (_, __, { name, settings, after }) => {
      follow(optimizers[name](settings)).forEach((values, step) => {
        values.forEach((value, i) => {
          const expected = after[step]![i]!;
          // Variable and moments are rounded to float32 (6e-8 of themselves) at each of six updates.
          expect(Math.abs(value - expected)).toBeLessThan(5e-7 * Math.max(Math.abs(expected), 1));
        });
      });
    },
  );

  it("refuse a gradient of another size", () => {
    const update = optimizers.sgd();
    const [variables, gradientsOfNone] = [{ w: new Float32Array(2) }, { w: new Float32Array(3) }];
    expect(() => update(variables, gradientsOfNone, 0.1, initialOptimizerState)).toThrow(
      "w needs a gradient of 2 values, got 3",
    );
    expect(() => update(variables, {}, 0.1, initialOptimizerState)).toThrow("got none");
  });

  it("keep no momentum that nobody asked for", () => {
    const state = optimizers.sgd()({ w: new Float32Array(2) }, { w: new Float32Array(2) }, 0.1, initialOptimizerState);
    expect(state).toEqual({ step: 1, moments: {} });
  });
});
