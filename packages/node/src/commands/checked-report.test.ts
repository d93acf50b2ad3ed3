import { join } from "node:path";
import { expect, it } from "vitest";
import type { QuickFinding } from "../check/quick-check.js";
import { describeChecked } from "./checked-report.js";

const findings = (...severities: QuickFinding["severity"][]): QuickFinding[] =>
  severities.map((severity, i) => ({ check: "made", severity, title: `title ${i + 1}`, why: "", todo: "" }));

const lines = (root: string, found: readonly QuickFinding[]) =>
  describeChecked({ kind: "checked", root, findings: found });

it("names problems and warnings, counts the rest, and says where all of them are", () => {
  const found = findings("problem", "warning", "warning", "note");
  expect(lines(join(process.cwd(), "photos"), found)).toEqual([
    "problem: title 1",
    "warning: title 2",
    "warning: title 3",
    "1 more finding; run grayling check photos for all",
  ]);
});

it("has at most five lines, and none where there are but notes", () => {
  expect(lines("/photos", findings(...new Array<"warning">(30).fill("warning")))).toHaveLength(5);
  expect(lines("/photos", findings("note", "note"))).toEqual([]);
  expect(lines("/photos", [])).toEqual([]);
});

it("quotes a folder that a shell would take apart, and names none for a list", () => {
  const inside = join(process.cwd(), "my photos");
  expect(lines(inside, findings("warning"))[1]).toBe("run grayling check 'my photos' for all");
  expect(lines("/lists/photos.csv", findings("warning"))[1]).toBe("run grayling check on the images' folder for all");
});
