import { sizeOf, type Tensor } from "@grayling/core";
import { afterAll, describe, expect, it } from "vitest";
import type { Backbone } from "../../backbone/open-backbone.js";
import { noisePlane, readPlane } from "../../images/read-plane.js";
import { OrtRuntime } from "../../runtime/ort-runtime.js";
import { repositoryFolder } from "../../testing/repository-folder.js";
import { explain } from "../explain.js";
import { openExplained } from "../open-explained.js";
import { collectPicture } from "./collect-picture.js";
import { explainPage } from "./explain-page.js";
import { showFixed, showNumber } from "./show-number.js";
import { sumInside, windowOf } from "./stem-windows.js";

const runtime = new OrtRuntime();
afterAll(() => runtime.close());

const size = { height: 33, width: 46 };
const random = { ...size, weights: "random" };

async function draw(backbone: Backbone, plane: Tensor, image = "noise") {
  const explanation = await explain(runtime, backbone, plane, { image });
  const picture = await collectPicture(runtime, backbone, plane);
  return { picture, page: explainPage(explanation, picture) };
}

/** The tags that stay open, or are closed though they are not: none in a page that is well formed. */
function unbalanced(page: string): string[] {
  const open: string[] = [];
  for (const [, slash, name, selfClosing] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)(?:"[^"]*"|[^">])*?(\/?)>/g)) {
    if (selfClosing || /^(meta|img)$/.test(name!)) continue;
    if (!slash) open.push(name!);
    else if (open.pop() !== name) return [...open, `/${name}`];
  }
  return open;
}

describe("the page of a network", () => {
  it.each(["efficientnet-b0", "efficientnet-v2-b0", "efficientnet-v2-s", "efficientnet-lite0"] as const)(
    "is whole, small and stands alone for %s",
    async (name) => {
      const backbone = await openExplained(name, random);
      const { page } = await draw(backbone, noisePlane(size, 0));
      expect(unbalanced(page)).toEqual([]);
      expect(page.length).toBeLessThan(3e6);
      expect(page).not.toMatch(/<(script|link|iframe)|@import|url\(|(src|href)="(?!data:)/);
      for (const [image] of page.matchAll(/<img [^>]*>/g)) expect(image).toMatch(/ alt="[^"]*\d[^"]*"/);
      for (const [svg] of page.matchAll(/<svg [^>]*role="img"[^>]*>/g))
        expect(svg).toMatch(/ aria-label="[^"]*\d[^"]*"/);
      expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
    },
  );

  it("shows the folded weights, ImageNet's means as gray levels, and the measured difference", async () => {
    const { picture, page } = await draw(await openExplained("efficientnet-b0", random), noisePlane(size, 0));
    const { filter } = picture.activations[0]!;
    for (const weight of windowOf(picture.folded, filter, 0)) expect(page).toContain(`>${showFixed(weight, 4)}</text>`);
    for (const mean of [0.485, 0.456, 0.406]) expect(page).toContain(`<strong>${(255 * mean).toFixed(1)}</strong>`);
    expect(page).toContain(`<strong>${showNumber(picture.errors.folded.difference)}</strong>`);
  });

  it("says where a network that has nothing to broadcast refuses one plane", async () => {
    const { picture, page } = await draw(await openExplained("efficientnet-v2-s", random), noisePlane(size, 0));
    expect(picture.layers.map(({ planes }) => planes.length)).toEqual([1]);
    expect(picture.refusal).toContain("needs 3 channels, got 1");
    expect(page).toContain("missing");
    expect(picture.folded.shape[1]).toBe(1); // x / 128 − 1 is alike in all channels
  });

  it("escapes the names of files", async () => {
    const backbone = await openExplained("efficientnet-lite0", size);
    const plane = await readPlane(repositoryFolder("fixtures", "lite0", "camera.png"), backbone);
    const { page } = await draw(backbone, plane, `"><img src=x onerror=alert(1)>&.png`);
    expect(page).not.toContain("<img src=x");
    expect(page).toContain("&quot;&gt;&lt;img src=x onerror=alert(1)&gt;&amp;.png");
  });
});

describe("the numbers of the picture", () => {
  it("have Keras' map from gray to what the stem sees", async () => {
    const { picture } = await draw(await openExplained("efficientnet-b0", random), noisePlane(size, 0));
    // Keras 3.15.1, B0 with ImageNet weights; the constants are float32, so 1e-6 of the value
    for (const [c, scale] of [0.0171247546, 0.0175070042, 0.0174291947].entries()) {
      expect(Math.abs(picture.scale[c]! / scale - 1)).toBeLessThan(1e-6);
    }
    for (const [c, offset] of [-2.11790396, -2.03571433, -1.80444437].entries()) {
      expect(Math.abs(picture.offset[c]! / offset - 1)).toBeLessThan(1e-6);
    }
  });

  it("give what the 3-channel stem makes of a black image, whose output is the offsets alone", async () => {
    const black = { shape: [1, 1, 33, 46], data: new Float32Array(sizeOf([33, 46])) };
    const { picture } = await draw(await openExplained("efficientnet-b0", random), black);
    for (const { filter, three } of picture.activations) {
      const window = windowOf(picture.shift, filter, 0);
      for (const [i, value] of three.values.entries()) {
        const [y, x] = [Math.floor(i / three.width), i % three.width];
        expect(Math.abs(sumInside(window, y, x, picture.placement) - value)).toBeLessThan(1e-5); // values up to 10
      }
    }
  });
});
