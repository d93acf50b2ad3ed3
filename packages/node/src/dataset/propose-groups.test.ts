import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sharedFolder } from "../testing/shared-folder.js";
import { matchGroups } from "./match-groups.js";
import { proposeGroups } from "./propose-groups.js";

const imagesOf = (names: readonly string[]) => {
  const classes = [...new Set(names.map((name) => name.split("/")[0]!))];
  return names.map((relative) => ({ relative, label: classes.indexOf(relative.split("/")[0]!) }));
};
const count = (n: number, make: (i: number) => string) => Array.from({ length: n }, (_, i) => make(i));

/** 8 patients with 5 images each, in two classes. */
const patients = count(40, (i) => `${i % 2 ? "ill" : "well"}/patient_${Math.floor(i / 5) + 1}_view${i}.png`);

describe("proposed groups", () => {
  it("are the patients in the names, and the pattern gives the same", () => {
    const [best] = proposeGroups(imagesOf(patients));
    expect(best!.what).toBe('part 2 of the file name, such as "1"');
    expect(best!.count).toBe(8);
    expect(matchGroups(patients, best!.pattern!)).toEqual(best!.groups);
  });

  it("have a pattern without blanks, which a line on a terminal does not divide, though names are divided at them", () => {
    const spaced = patients.map((name) => name.replaceAll("_", " - "));
    const third = spaced.map((name) => name.replace("/", "/scan "));
    for (const names of [spaced, third]) {
      const [best] = proposeGroups(imagesOf(names));
      expect(best!.pattern).not.toMatch(/\s|\{1\}/);
      expect(matchGroups(names, best!.pattern!)).toEqual(best!.groups);
    }
  });

  it("are the folders below the classes", () => {
    const names = count(40, (i) => `${i % 2 ? "ill" : "well"}/case ${i % 7}/${i}.png`);
    const [best] = proposeGroups(imagesOf(names));
    expect([best!.what, best!.count]).toEqual(["the folder below the class", 7]);
    expect(matchGroups(names, best!.pattern!)).toEqual(best!.groups);
  });

  it("are runs of consecutive numbers after the same name", () => {
    const numbers = [1, 2, 3, 10, 11, 12, 20, 21, 30, 31, 32, 40, 41];
    const names = ["a", "b"].flatMap((label) => numbers.map((number) => `${label}/img${number}.png`));
    const [best] = proposeGroups(imagesOf(names));
    expect(best!.what).toContain("consecutive numbers");
    expect(best!.count).toBe(10);
    expect(new Set(best!.groups.slice(0, 3)).size).toBe(1);
    expect(best!.groups[2]).not.toBe(best!.groups[3]);
  });

  it("are none where names only count, repeat the class, or are each their own", () => {
    const counting = ["crazing", "patches", "scratches"].flatMap((label) =>
      count(30, (i) => `${label}/${label}_${i + 1}.jpg`),
    );
    expect(proposeGroups(imagesOf(counting))).toEqual([]);
    const own = count(40, (i) => `${i % 2}/${(i * 2654435761) % 1e9}.png`);
    expect(proposeGroups(imagesOf(own))).toEqual([]);
  });

  it("are none of nothing", () => {
    expect(proposeGroups([])).toEqual([]);
  });

  it("find the writers of aksara-jawa, and nothing in neu-cls", (context) => {
    const names = (folder: string) =>
      readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .flatMap((entry) => readdirSync(`${folder}/${entry.name}`).map((name) => `${entry.name}/${name}`));
    const [aksara, neu] = [sharedFolder("data", "aksara-jawa"), sharedFolder("data", "neu-cls")];
    if (aksara === undefined || neu === undefined) return context.skip("no ../shared/data");
    const [best] = proposeGroups(imagesOf(names(aksara)));
    expect(best!.count).toBe(79);
    expect(matchGroups(names(aksara), best!.pattern!)).toEqual(best!.groups);
    expect(proposeGroups(imagesOf(names(neu)))).toEqual([]);
  });
});
