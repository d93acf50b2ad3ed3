import { expect, it } from "vitest";
import { fuzz } from "./fuzz.js";

it("tells what is not a refusal, what takes long and what ends the process, and goes on after it", async () => {
  const report = await fuzz("misbehaving", { files: 8, seed: 1 });
  const told = [
    "case 1: TypeError",
    "case 2: a message that is not",
    "case 3: takes 1",
    "case 5: ends the process (3)",
  ];
  for (const text of told) expect(report.failures).toContainEqual(expect.stringContaining(text));
  expect(report.failures.at(-1)).toContain("case 7: TypeError"); // the next process begins anew
  expect(report.files).toBe(8);
});

it("ends a process that hangs, and says at which case", async () => {
  const report = await fuzz("hanging", { files: 1, seed: 1 });
  expect(report.failures).toEqual(["hanging, seed 1, case 0: hangs for more than 5000 ms"]);
});
