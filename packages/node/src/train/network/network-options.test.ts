import { InputError } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { resolveNetwork } from "./network-options.js";

const resolved = (options: Parameters<typeof resolveNetwork>[0]) => resolveNetwork({ unfreeze: "all", ...options }, 32);

describe("a training of the network", () => {
  it("limits its gradients to a length of 1, to another one on request, and not at all at 0", () => {
    expect(resolved({})).toMatchObject({ clipNorm: 1, learningRate: 3e-4, optimizer: "adamw" });
    expect(resolved({ clipNorm: 5 })?.clipNorm).toBe(5);
    expect(resolved({ clipNorm: 0 })).not.toHaveProperty("clipNorm");
    expect(resolved({ optimizer: "sgd" })).toMatchObject({ clipNorm: 1, learningRate: 0.01, momentum: 0.9 });
  });

  it("refuses a length below 0", () => {
    expect(() => resolved({ clipNorm: -1 })).toThrow(
      new InputError("clip norm -1: expected a number from 0 up to 1000000"),
    );
  });
});

describe("the schedule plateau", () => {
  it("acts well before early stopping does, or when it is told to", () => {
    const plateau = (options: Parameters<typeof resolved>[0]) => resolved({ schedule: "plateau", ...options })?.plateau;
    expect(plateau({})).toEqual({ patience: 3, factor: 0.1 });
    expect(plateau({ patience: 2 })).toEqual({ patience: 1, factor: 0.1 });
    expect(plateau({ plateauPatience: 7, plateauFactor: 0.5 })).toEqual({ patience: 7, factor: 0.5 });
  });

  it.each([
    [{ plateauPatience: 2 }, "plateau patience: only the schedule plateau has it, got cosine; say --schedule plateau"],
    [{ plateauFactor: 0.2, schedule: "step" }, "plateau factor: only the schedule plateau has it, got step"],
    [{ plateauFactor: 1, schedule: "plateau" }, "plateau factor 1: expected a number above 0 up to 0.9999"],
    [{ plateauPatience: 0, schedule: "plateau" }, "plateau patience"],
    [{ cacheType: "float17" }, 'cache type "float17": expected one of float32, float16 (did you mean "float16"?)'],
    [{ unfreeze: "head", cacheType: "float16" }, "cache type: only where layers of the network train"],
  ])("and what is near it is refused where it has no effect or no sense: %j", (options, message) => {
    expect(() => resolved(options)).toThrow(message);
  });
});
