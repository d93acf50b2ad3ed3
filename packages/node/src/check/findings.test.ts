import { describe, expect, it } from "vitest";
import { type MadeFile, madeInspection } from "../testing/made-inspection.js";
import { checks, findAll } from "./findings.js";

/** Findings of one check, as "severity: title". */
function titles(name: string, files: readonly MadeFile[], others: readonly string[] = []): string[] {
  const found = findAll(madeInspection(files, others)).filter(({ check }) => check === name);
  return found.map(({ severity, title }) => `${severity}: ${title}`);
}

const many = (count: number, folder: string, more: (i: number) => Partial<MadeFile> = () => ({})): MadeFile[] =>
  Array.from({ length: count }, (_, i) => ({
    relative: `${folder}/${name(i)}.png`,
    hash: `${folder}${i}`,
    ...more(i),
  }));

/** No counter and no group: hexadecimal of a scrambled number. */
const name = (i: number) => (((i + 1) * 2654435761) >>> 0).toString(16).replaceAll(/\d/g, "x") + "q".repeat(i % 5);

const ring = (x: number, y: number) => (Math.hypot(x - 0.5, y - 0.5) < 0.3 ? 220 : 40);

describe("a folder with nothing wrong", () => {
  it("has no findings", () => {
    // Waves of random directions, two classes of the same kind.
    const files = Array.from({ length: 60 }, (_, i) => ({
      relative: `${i % 2 === 0 ? "a" : "b"}/${name(i)}.png`,
      level: waves(i + 1),
    }));
    const found = findAll(madeInspection(files));
    expect(found.map(({ title }) => title)).toEqual([]);
  });
});

const waves = (i: number) => (x: number, y: number) =>
  128 + 50 * Math.sin(3 * i * x + 1.7 * i * y + i) + 40 * Math.cos((i % 13) * 2.1 * x - (i % 17) * 1.3 * y);

describe("what is found", () => {
  it.each<[string, MadeFile[], string[]]>([
    [
      "undecodable",
      [{ relative: "a/1.png", reason: "truncated PNG" }, { relative: "b/2.png" }],
      ["problem: 1 file of 2 cannot be decoded"],
    ],
    [
      "wrong-extension",
      [
        { relative: "a/1.jpg", content: "png" },
        { relative: "a/2.PNG", content: "png" },
        { relative: "b/3", content: "jpeg" },
        { relative: "b/4.jfif", content: "jpeg" },
      ],
      ["note: 2 files with an extension of another format: .jpg is png (1), without one is jpeg (1)"],
    ],
    [
      "duplicate",
      [
        { relative: "a/1.png", hash: "x" },
        { relative: "a/2.png", hash: "x" },
        { relative: "b/3.png", hash: "y" },
        { relative: "a/4.png", hash: "y" },
        { relative: "b/5.png", hash: "z", bytes: 0, reason: "empty" },
        { relative: "a/6.png", hash: "z", bytes: 0, reason: "empty" },
      ],
      [
        "problem: in different classes: the same file twice or more, 1 group (b and a)",
        "warning: the same file twice or more: 1 group, 1 file more than needed",
      ],
    ],
    [
      "duplicate",
      [{ relative: "train/a/1.png", hash: "x" }, { relative: "test/a/2.png", hash: "x" }, { relative: "val/b/2.png" }],
      ["problem: in train and in val or test: the same file twice or more, 1 group"],
    ],
    [
      "near-duplicate",
      [
        { relative: "a/1.png", level: ring },
        { relative: "b/2.png", level: (x, y) => 30 + 0.6 * ring(x, y), picture: { width: 200, height: 150 } },
        { relative: "b/3.png" },
      ],
      ["warning: in different classes: nearly the same picture twice or more, 1 group (a and b)"],
    ],
    [
      "near-duplicate",
      [
        { relative: "a/1.png", level: () => 7 },
        { relative: "b/2.png", level: () => 9 },
      ],
      [],
    ],
    [
      "blank",
      [{ relative: "a/1.png", level: () => 7 }, { relative: "b/2.png", level: (x) => 7 + x }, { relative: "b/3.png" }],
      ["warning: 2 pictures of one gray level, or nearly"],
    ],
    [
      "unused-bits",
      [
        { relative: "a/1.png", picture: { range: { low: 0, high: 65_535 }, max: 4095 } },
        { relative: "b/2.png", picture: { range: { low: 0, high: 65_535 }, max: 65_535 } },
        { relative: "b/3.dcm", picture: { range: { low: 0, high: 4095 }, max: 4000 } },
      ],
      ["warning: 1 16-bit picture of 2 with values below 4096 only"],
    ],
    [
      "mixed-storage",
      [
        { relative: "a/1.png", picture: { bitDepth: 16 } },
        { relative: "b/2.png", picture: { bitDepth: 8 } },
        { relative: "b/3.png", picture: { bitDepth: 8, width: 64 } },
        { relative: "b/4.png", picture: { bitDepth: 8, width: 24, height: 16 } },
      ],
      [
        "warning: 2 bit depths: 8 bit (3), 16 bit (1)",
        "note: 2 aspect ratios: 1.50 : 1 (3), 1.00 : 1 (1)",
        "note: 1 picture with a side below 32 px",
      ],
    ],
    [
      "class-size",
      [...many(100, "a"), ...many(12, "b")],
      ["note: classes differ in size up to 8.3 times: a 100, b 12"],
    ],
    ["class-size", [{ relative: "1.png" }, { relative: "2.png" }], ["note: no class folders: 2 pictures in one heap"]],
    [
      "class-size",
      [{ relative: "a/1.png" }, { relative: "2.png" }],
      [
        'problem: one class only, "a"',
        "warning: pictures beside the class folders: 1",
        "warning: classes with fewer than 10 readable pictures: a (1)",
      ],
    ],
  ])("%s: %j", (check, files, expected) => {
    expect(titles(check, files)).toEqual(expected);
  });

  it("an empty class is a problem", () => {
    expect(titles("class-size", [...many(20, "a"), ...many(20, "b")], ["void"])).toEqual([
      "problem: classes with fewer than 10 readable pictures: void (0)",
    ]);
  });

  it("worst first", () => {
    const files = [...many(30, "a"), { relative: "b/x.jpg", hash: "a0" }];
    const ranks = findAll(madeInspection(files)).map(({ severity }) =>
      ["problem", "warning", "note"].indexOf(severity),
    );
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    expect(new Set(ranks).size).toBe(3);
  });

  it("every check has a name of its own", () => {
    expect(new Set(checks.map((check) => check.name)).size).toBe(checks.length);
  });
});

describe("shortcuts", () => {
  it.each<[string, (label: number, i: number) => Partial<MadeFile>, string | undefined]>([
    [
      "size",
      (label) => ({ picture: { width: 96 + 32 * label } }),
      "problem: image size tells the class: 100.0 % right",
    ],
    [
      "format",
      (label, i) => ({ picture: { format: i % 10 === 0 || label === 0 ? "png" : "jpeg" } }),
      "problem: file format tells the class: 95.0 % right",
    ],
    [
      "depth",
      (label) => ({ picture: { bitDepth: 8 + 8 * label } }),
      "problem: bit depth tells the class: 100.0 % right",
    ],
    [
      "bytes",
      (label, i) => ({ bytes: 1000 + 500 * label + ((i * 37) % 200) }),
      "warning: file size tells the class: 100.0 % right",
    ],
    [
      "brightness",
      (label, i) => ({ picture: { mean: 100 + 40 * label + ((i * 7) % 20) } }),
      "warning: mean brightness tells the class: 100.0 % right",
    ],
    [
      "nothing",
      (_, i) => ({ picture: { mean: 100 + ((i * 7) % 20), width: 96 + (i % 3) }, bytes: 1000 + ((i * 37) % 200) }),
      undefined,
    ],
  ])("finds that %s coincides with the class", (_, facts, expected) => {
    const files = [0, 1].flatMap((label) => many(40, `class-${label}`, (i) => facts(label, i)));
    const found = titles("shortcut", files).filter(
      (title) => !title.includes("mean brightness") || expected?.includes("brightness"),
    );
    if (expected === undefined) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringContaining(`${expected} by it alone, 50.0 %`)]);
  });

  it("are not found where every value is another: a file number is no rule", () => {
    const files = [0, 1].flatMap((label) =>
      many(40, `class-${label}`, (i) => ({ picture: { width: 96 + 2 * i + label, height: 700 } })),
    );
    expect(titles("shortcut", files).filter((title) => title.includes("size"))).toEqual([]);
  });
});

describe("groups", () => {
  it("of file names come with a pattern for --group", () => {
    const files = ["a", "b"].flatMap((folder) =>
      Array.from({ length: 60 }, (_, i) => ({
        relative: `${folder}/patient_${100 + 37 * Math.floor(i / 3)}_${name(i)}.png`,
      })),
    );
    const [found] = findAll(madeInspection(files)).filter(({ check }) => check === "groups-by-name");
    expect(found?.title).toContain("20 groups of 6 pictures");
    const pattern = /--group '(.*?)' /.exec(found?.todo ?? "")?.[1] ?? "";
    const groups = new Set(files.map(({ relative }) => new RegExp(pattern).exec(relative)?.[1]));
    expect(groups.size).toBe(20);
  });

  it("of scenes are runs of consecutive numbers that look alike", () => {
    // 8 scenes of 5 frames, each frame the scene a little further on.
    const files = Array.from({ length: 40 }, (_, i) => {
      const scene = waves(3 + 5 * Math.floor(i / 5));
      return { relative: `a/frame${i}.png`, level: (x: number, y: number) => scene(x + 0.004 * (i % 5), y) };
    });
    const [found] = findAll(madeInspection(files)).filter(({ check }) => check === "groups-by-scene");
    expect(found?.groups.map((group) => group.length)).toEqual([5, 5, 5, 5, 5, 5, 5, 5]);
    expect(found?.groups[1]?.[0]?.file.relative).toBe("a/frame5.png");
  });
});
