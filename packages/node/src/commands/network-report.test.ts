import { describe, expect, it } from "vitest";
import { describeKept, describeNetwork, showBytes, showSeconds, sparkline } from "./network-report.js";

describe("the report of a network in training", () => {
  it("draws losses between the lowest and the highest bar, the last twenty of them", () => {
    expect(sparkline([3, 2, 1])).toBe("█▅▁");
    expect(sparkline([1])).toBe("▁");
    expect(sparkline([1, Number.NaN, 2])).toBe("▁█");
    expect(sparkline(Array.from({ length: 30 }, (_, i) => i))).toHaveLength(20);
  });

  it.each([
    [999, "1.0 kB"],
    [27_000_000, "27 MB"],
    [1_240_000_000, "1.2 GB"],
  ])("shows %i bytes as %s", (bytes, text) => expect(showBytes(bytes)).toBe(text));

  it.each([
    [35.2, "35 s"],
    [240, "4 min"],
    [7800, "2 h 10 min"],
  ])("shows %d seconds as %s", (seconds, text) => expect(showSeconds(seconds)).toBe(text));

  it("tells what trains and what is kept", () => {
    const event = {
      kind: "network",
      layers: 3,
      parameters: 1234567,
      frozen: 1000,
      cut: "block6d_add",
      bytes: 27e6,
    } as const;
    expect(describeNetwork(event)).toBe(
      "training 3 layers of the network and the head above block6d_add, whose activations are computed once (27 MB): 1,234,567 parameters, 1,000 frozen",
    );
    expect(describeNetwork({ ...event, cut: undefined })).toContain("from the image on: 1,234,567 parameters");
    expect(describeKept({ kind: "kept", kept: "head", head: 0.9, network: 0.85 })).toContain(
      "not beaten the head alone (85.0 % against 90.0 %)",
    );
    expect(describeKept({ kind: "kept", kept: "network", head: 0.9, network: 0.95 })).toContain(
      "is kept: accuracy 95.0 %",
    );
  });
});
