import { describe, expect, it } from "vitest";
import { loadSharp } from "../images/load-sharp.js";
import { inkOn, signedColor } from "./color-map.js";
import { planeImage } from "./plane-image.js";

async function decode(uri: string) {
  const sharp = await loadSharp();
  const bytes = Buffer.from(uri.replace("data:image/png;base64,", ""), "base64");
  return sharp(bytes).toColourspace("srgb").removeAlpha().raw().toBuffer({ resolveWithObject: true });
}

describe("a plane's image", () => {
  it("is a PNG that libvips reads, with zero nearly white and both ends dark", async () => {
    const plane = { width: 3, height: 2, values: Float32Array.of(-2, 0, 2, -1, 9, 1) };
    const { data, info } = await decode(planeImage(plane, { kind: "signed", limit: 2 }));
    expect([info.width, info.height, info.channels]).toEqual([3, 2, 3]);
    const pixels = Array.from({ length: 6 }, (_, i) => [...data.subarray(3 * i, 3 * i + 3)]);
    expect(pixels.slice(0, 3)).toEqual([-1, 0, 1].map((value) => [...signedColor(value)]));
    expect(pixels[4]).toEqual(pixels[2]); // beyond the scale: its end
    expect(Math.min(...pixels[1]!)).toBeGreaterThan(240);
  });

  it("shrinks a large plane by means over areas", async () => {
    const values = Float32Array.from({ length: 600 * 600 }, (_, i) => (i % 2 === 0 ? 0 : 255));
    const { data, info } = await decode(
      planeImage({ width: 600, height: 600, values }, { kind: "gray", black: 0, white: 255 }),
    );
    expect([info.width, info.height]).toEqual([300, 300]);
    expect(Math.abs(data[0]! - 127.5)).toBeLessThan(2);
  });
});

describe("the signed colours", () => {
  it("carry black or white text with a contrast of 4.5 at least", () => {
    const luminance = (color: readonly number[]) => {
      const [r, g, b] = color.map((part) => (part <= 10 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    };
    for (let value = -1; value <= 1; value += 0.01) {
      const ground = luminance(signedColor(value));
      const contrast = inkOn(signedColor(value)) === "#000000" ? (ground + 0.05) / 0.05 : 1.05 / (ground + 0.05);
      expect(contrast).toBeGreaterThanOrEqual(4.5);
    }
  });
});
