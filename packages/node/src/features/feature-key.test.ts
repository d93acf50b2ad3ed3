import { parseSettledWindow } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { featureKey } from "./feature-key.js";

describe("the key of kept features", () => {
  it("is the trunk's on the cpu with a full window, as it was before there were windows", () => {
    expect(featureKey({ key: "abc" }, "cpu")).toBe("abc");
    expect(featureKey({ key: "abc" }, "cuda", { kind: "full" })).toBe("cuda-abc");
  });

  it("is another for every window and device", () => {
    const windows = ["full", "image", "dicom", "0:255", "0:256", "-1:255"].map(parseSettledWindow);
    const keys = windows.flatMap((window) =>
      ["cpu", "cuda"].map((device) => featureKey({ key: "abc" }, device, window)),
    );
    expect(new Set(keys).size).toBe(keys.length);
  });
});
