import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { version } from "../version.js";
import { type Diagnosis, diagnose } from "./diagnose.js";

let folder: string;
let diagnosis: Diagnosis;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling-doctor-"));
  diagnosis = await diagnose(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a diagnosis", () => {
  it("measures the CPU, and says in one line why other devices cannot be used", () => {
    expect(diagnosis.devices.map(({ name }) => name)).toEqual(["cpu", "webgpu", "cuda", "coreml", "dml"]);
    const [cpu, ...others] = diagnosis.devices;
    expect(cpu).toMatchObject({ name: "cpu", problem: undefined });
    expect(cpu!.imagesPerSecond).toBeGreaterThan(0.5);
    for (const { imagesPerSecond, problem } of others) {
      if (problem === undefined) expect(imagesPerSecond).toBeGreaterThan(0);
      else expect(problem).toMatch(/^[^\n]{10,200}$/);
      expect(problem === undefined).toBe(imagesPerSecond !== undefined);
    }
  });

  it("names versions, machine and folders", async () => {
    const { facts } = diagnosis;
    expect(Object.keys(facts)).toEqual([
      "grayling",
      "node",
      "system",
      "processor",
      "memory",
      "onnxruntime-node",
      "libvips",
      "cache",
    ]);
    expect([facts["grayling"], facts["node"], facts["cache"]]).toEqual([version(), process.versions.node, folder]);
    for (const name of ["onnxruntime-node", "libvips"]) expect(facts[name]).toMatch(/^\d+\.\d+/);
    expect(facts["memory"]).toMatch(/^\d+\.\d GiB$/);
    expect(facts["processor"]).toMatch(/, \d+ threads$/);
  });
});
