import { readFile } from "node:fs/promises";
import { InputError } from "@grayling/core";
import colors from "picocolors";
import { describe, expect, it } from "vitest";
import { createDecoder } from "../images/decode.js";
import { readPlane } from "../images/read-plane.js";
import { createProgress } from "../terminal/progress.js";
import { repositoryFolder } from "../testing/repository-folder.js";
import type { Console } from "./console.js";
import { findShownImage, type ImageFlags } from "./shown-image.js";

const mixed = (name: string) => repositoryFolder("fixtures", "mixed-bits", "disc", name);

const consoleFor = (said: string[]): Console => ({
  print: () => {},
  note: (line) => said.push(line),
  progress: createProgress(process.stderr),
  colors: colors.createColors(false),
  signal: new AbortController().signal,
  cache: "",
});

/** The picture's three corners that tell black, gray and white, as a command would read them, and what it says. */
async function read(text: string, flags: ImageFlags = {}) {
  const said: string[] = [];
  const console = consoleFor(said);
  const shown = await findShownImage(text, flags, console);
  const { data } = await readPlane(shown!.path, { height: 64, width: 96 }, shown!.reading);
  shown!.say();
  return { levels: [data[55 * 96 + 8]!, data[8 * 96 + 87]!, data[0]!].map(Math.round), said };
}

describe("the image that explain and verify are given", () => {
  // The corners hold 0.3, 0.6 and 1 of the range (mixed-bits, README): 76.5, 153 and 255 of 255.
  it.each<[name: string, flags: ImageFlags, levels: readonly number[], said: readonly RegExp[]]>([
    ["gray-8bit.png", {}, [76, 153, 255], []],
    ["gray-16bit.png", { window: "full" }, [76, 153, 255], [/^window full$/]],
    ["gray-12-of-16bit.png", { window: "full" }, [5, 10, 16], [/^window full$/]], // 4,095 of 65,535: nearly black
    ["gray-12-of-16bit.png", {}, [76, 153, 255], [/^16-bit images, values 0–4,095: window p0\.1-p99\.9 = 0:4095$/]],
    ["gray-12-of-16bit.png", { window: "0:8190" }, [38, 77, 128], [/^window 0:8190$/]],
    ["float32.tif", {}, [77, 153, 255], [/^float32 images, values −20\.5 … 83\.2: window p0\.1-p99\.9 = /]],
    ["float32.tif", { window: "minmax" }, [77, 153, 255], [/^float32 images, .*: window minmax = /]],
    ["monochrome1-12bit.dcm", {}, [76, 153, 255], [/^12-bit images, values 0–4,095/]], // stored as a negative, shown upright
    ["three-pages.tif#2", {}, [179, 102, 0], []], // the second page is a negative
  ])("%s with %j is read as a training reads it", async (name, flags, levels, said) => {
    const shown = await read(mixed(name), flags);
    for (const [i, level] of levels.entries()) expect(Math.abs(shown.levels[i]! - level)).toBeLessThanOrEqual(1);
    expect(shown.said).toHaveLength(said.length);
    for (const [i, line] of said.entries()) expect(shown.said[i]).toMatch(line);
  });

  it("is scaled as it is asked", async () => {
    const levelsBy = async (flags: ImageFlags) => {
      const shown = await findShownImage(mixed("gray-8bit.png"), flags, consoleFor([]));
      return (await readPlane(shown!.path, { height: 33, width: 47 }, shown!.reading)).data; // of 64 × 96
    };
    const decode = await createDecoder({ height: 33, width: 47, fit: "stretch", interpolation: "nearest" });
    const { plane } = await decode(await readFile(mixed("gray-8bit.png")));
    expect(await levelsBy({ interpolation: "nearest" })).toEqual(plane);
    expect(await levelsBy({ interpolation: "antialias" })).toEqual(await levelsBy({}));
    expect(await levelsBy({})).not.toEqual(plane);
  });

  it.each([{ window: "full" }, { interpolation: "nearest" }])("must be there for %j", async (flags) => {
    await expect(findShownImage(undefined, flags, consoleFor([]))).rejects.toThrow(
      /^(window "full"|interpolation "nearest"): is of an image, and there is none/,
    );
  });

  it.each<[text: string, flags: ImageFlags, message: RegExp]>([
    ["float32.tif", { window: "full" }, /the window full takes 0 … 1 of floats; choose --window minmax/],
    ["gray-8bit.png", { window: "dicom" }, /states no window/],
    ["gray-8bit.png", { window: "wide" }, /^window "wide": expected full, minmax, image, dicom, percentiles/],
    [
      "gray-8bit.png",
      { interpolation: "cubic" },
      /^interpolation "cubic": expected one of antialias, bilinear, nearest/,
    ],
    ["three-pages.tif#4", {}, /page 4 of 3: there is no such page/],
    ["claims-60000x60000.png", {}, /claims 60,000 × 60,000 pixels, limit 178,956,970/],
    ["gray-8bit.png", { maxPixels: 100 }, /claims 96 × 64 pixels, limit 100 in all/],
    ["truncated.png", {}, /truncated PNG$/],
  ])("%s with %j is refused in one line", async (name, flags, message) => {
    const error = await read(mixed(name), flags).catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(message);
  });
});
