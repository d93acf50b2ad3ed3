import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const cli = fileURLToPath(new URL("../cli.js", import.meta.url));
const parent = mkdtempSync(join(tmpdir(), "grayling demo-"));
afterAll(() => rmSync(parent, { recursive: true, force: true }));

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `grayling demo` in `parent`, with a home of its own, so that what it leaves there is seen. */
function demo(
  args: readonly string[],
  onOutput: (text: string, stop: () => void) => void = () => {},
): Promise<Outcome> {
  const home = join(parent, "home");
  const env = {
    ...process.env,
    HOME: home,
    XDG_CACHE_HOME: home,
    NO_COLOR: "1",
  };
  const child = spawn(process.execPath, [cli, "demo", ...args], { cwd: parent, env });
  let [out, err] = ["", ""];
  // Once: a second Ctrl-C stops a command at once, and its output may come in several chunks.
  const stop = () => void (child.killed || child.kill("SIGINT"));
  child.stdout.on("data", (chunk) => {
    out += chunk;
    onOutput(out, stop);
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

const json = (...path: string[]) => JSON.parse(readFileSync(join(parent, ...path), "utf8"));

describe("grayling demo", () => {
  const runs = ["a demo", "runs"];
  let first: Outcome;

  beforeAll(async () => {
    first = await demo(["--out", "a demo"]);
  }, 240_000); // the whole demo, on a machine that runs other tests beside it

  it("ends well and says what the transfer brought, where everything lies and what to type", () => {
    expect(first.err).not.toContain("grayling:");
    expect(first.code).toBe(0);
    expect(first.out).toMatch(/The transfer brought \d+\.\d points of accuracy\./);
    expect(first.out).toMatch(/\d+ of 30 right/);
    expect(first.out).toContain('$ grayling predict --model "a demo/runs/transferred-1" "a demo/held-out"');
    expect(first.out).toContain("$ grayling train my-images");
  });

  it("learns with transferred weights what random weights do not give", () => {
    const accuracy = (run: string): number => json(...runs, run, "metrics.json").validation.accuracy;
    expect(accuracy("transferred-1")).toBeGreaterThan(0.85);
    expect(accuracy("transferred-1")).toBeGreaterThan(accuracy("random-1") + 0.1);
  });

  it("writes whole runs and lists the broken files in their configuration", () => {
    for (const run of ["transferred-1", "random-1"]) {
      const files = readdirSync(join(parent, ...runs, run)).sort();
      const expected = "config.json metrics.json model.onnx predictions.csv results.csv split.csv".split(" ");
      expect(files).toEqual(expect.arrayContaining(expected));
      expect(json(...runs, run, "config.json").skipped.map(({ path }: { path: string }) => path)).toEqual([
        "inclusions/broken-empty.png",
        "pits/broken-cut-off.png",
        "scratches/broken-text.png",
      ]);
    }
  });

  it("writes nothing outside its folder", () => {
    expect(readdirSync(parent)).toEqual(["a demo"]);
    expect(readdirSync(join(parent, "a demo")).sort()).toEqual(["cache", "demo.json", "held-out", "images", "runs"]);
  });

  it("can be repeated in the same folder, which keeps the earlier runs and other people's files", async () => {
    const mine = join(parent, "a demo", "images", "pits", "mine.txt");
    writeFileSync(mine, "mine");
    const { code, out, err } = await demo(["--out", "a demo"]);
    expect(err).toContain("features of 0 images computed, 360 images known from before");
    expect(code).toBe(0);
    expect(out).toContain("From an earlier demo (seed 0)");
    expect(readFileSync(mine, "utf8")).toBe("mine");
    expect(readdirSync(join(parent, ...runs)).sort()).toEqual([
      "random-1",
      "random-2",
      "transferred-1",
      "transferred-2",
    ]);
    expect(json(...runs, "transferred-2", "metrics.json")).toEqual(json(...runs, "transferred-1", "metrics.json"));
  });
});

describe("grayling demo, where it cannot go on", () => {
  it("refuses a folder of somebody else in one line, with exit code 2", async () => {
    mkdirSync(join(parent, "thesis"));
    writeFileSync(join(parent, "thesis", "chapter-1.tex"), "");
    const { code, out, err } = await demo(["--out", "thesis"]);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toMatch(/^grayling: demo folder thesis: holds files .*--out\n$/);
    expect(readdirSync(join(parent, "thesis"))).toEqual(["chapter-1.tex"]);
  });

  it("stops on Ctrl-C with exit code 130 and leaves a folder that a demo may use again", async (context) => {
    if (process.platform === "win32") return context.skip("Windows has no SIGINT that one process can send another");
    const { code, out, err } = await demo(["--out", "stopped"], (_, stop) => stop());
    expect(code).toBe(130);
    expect(out).not.toContain("2  Training");
    expect(err).toContain("grayling: stopped;");
    expect(existsSync(join(parent, "stopped", "demo.json"))).toBe(true);
    expect(existsSync(join(parent, "stopped", "runs"))).toBe(false);
  });
});
