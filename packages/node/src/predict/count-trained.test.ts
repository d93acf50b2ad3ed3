import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countTrained } from "./count-trained.js";

describe("images that trained a run", () => {
  let folder: string;
  const images = ["a/1.png", "a/2.png", "b/new, later.png", "b/4.png"];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "grayling trained ü-"));
    await mkdir(join(folder, "run"));
    await writeFile(join(folder, "run", "config.json"), JSON.stringify({ dataset: join(folder, "images") }));
    const rows = [
      "path,label,split",
      "a/1.png,a,train",
      "a/2.png,a,val",
      '"b/new, later.png",b,fold 2',
      "b/4.png,b,test",
    ];
    await writeFile(join(folder, "run", "split.csv"), rows.join("\n"));
    await writeFile(join(folder, "config.json"), "not JSON");
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("are those that neither validated nor were tested, in the folder that it was trained on", async () => {
    const dataset = join(folder, "images");
    expect(await countTrained(join(folder, "run"), dataset, images)).toBe(2);
    expect(await countTrained(join(folder, "run", "model.onnx"), `${dataset}/`, images)).toBe(2);
    expect(await countTrained(join(folder, "run"), dataset, images.slice(3))).toBe(0);
  });

  it("are none of another folder, and of what is no run", async () => {
    expect(await countTrained(join(folder, "run"), join(folder, "others"), images)).toBe(0);
    expect(await countTrained(folder, join(folder, "images"), images)).toBe(0);
    expect(await countTrained("efficientnet-lite0", join(folder, "images"), images)).toBe(0);
  });
});
