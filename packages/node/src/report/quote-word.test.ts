import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { breakCommand, quotePath, quoteWord } from "./quote-word.js";

const words = [
  "plain",
  "--size",
  "224x224",
  "",
  "two words",
  "it's",
  '"$HOME"',
  "`id`",
  "a\nb",
  "^[^/]*/([^_]*)",
  "ü",
  "*",
  "~",
  "!x",
  "-",
];

describe.skipIf(process.platform === "win32")("a quoted word", () => {
  it("is what a shell reads back, whatever is in it", () => {
    const text = execFileSync("sh", ["-c", `printf '%s\\0' ${words.map(quoteWord).join(" ")}`], { encoding: "utf8" });
    expect(text.split("\0").slice(0, -1)).toEqual(words);
  });

  it("stays as it is where it means nothing to a shell", () => {
    expect(["--size", "224x224", "/a/b.png", "recall:0.95:crack"].map(quoteWord)).toEqual([
      ...["--size", "224x224", "/a/b.png", "recall:0.95:crack"],
    ]);
  });

  it("is no option where it is a path", () => {
    expect(quotePath("-rf")).toBe("./-rf");
  });
});

describe("a long command", () => {
  it("goes on in the next line before an option, and is the same command", () => {
    const long = ["printf", "%s,", ...Array.from({ length: 20 }, (_, i) => [`--option-${i}`, `value-${i}`]).flat()];
    const broken = breakCommand(long);
    expect(broken.split("\n").length).toBeGreaterThan(4);
    expect(Math.max(...broken.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(78);
    for (const line of broken.split("\n").slice(1)) expect(line).toMatch(/^ {2}--option/);
    if (process.platform !== "win32") {
      const run = (text: string) => execFileSync("sh", ["-c", text], { encoding: "utf8" });
      expect(run(broken)).toBe(run(long.join(" ")));
    }
  });
});
