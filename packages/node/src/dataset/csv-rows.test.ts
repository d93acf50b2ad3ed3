import { InputError } from "@grayling/core";
import { describe, expect, it } from "vitest";
import { toCsv } from "../run/csv.js";
import { parseCsv } from "./csv-rows.js";

const fieldsOf = (text: string) => parseCsv(text, "x.csv").map(({ fields }) => fields);

describe("parsing CSV", () => {
  // RFC 4180, section 2.
  it.each([
    [
      "a,b\r\n1,2\r\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "a,b\r\n1,2",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "a,b\n1,2\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "a,b\r1,2\r",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "\uFEFFa,b\n1,2\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    ['"a","b ""c""",d\n', [["a", 'b "c"', "d"]]],
    ['"two\r\nlines","one, two"\n', [["two\r\nlines", "one, two"]]],
    ["a,,\n", [["a", "", ""]]],
    [",\n", [["", ""]]],
    ['a\n\n"",x\n\n', [["a"], ["", "x"]]],
    ["", []],
    ["\n\n", []],
    [" a , b \n", [[" a ", " b "]]], // spaces are part of a field
    ["a,", [["a", ""]]],
  ])("%j", (text, rows) => {
    expect(fieldsOf(text)).toEqual(rows);
  });

  it("reads what grayling writes, whatever is in it", () => {
    const rows = [
      ["ü 🐟", 'a "b", c'],
      ["\r\n", '"'],
      ["", "x"],
    ];
    expect(fieldsOf(toCsv(["p", "l"], rows))).toEqual([["p", "l"], ...rows]);
  });

  it("knows the line on which a row begins", () => {
    const rows = parseCsv('a,b\n"1\n2\n3",x\r\n\r\ny,z', "x.csv");
    expect(rows.map(({ line }) => line)).toEqual([1, 2, 6]);
  });

  it.each([
    ['a\n"open,b\n', 2],
    ['a\nb"c\n', 2],
    ['"a"b\n', 1],
  ])("refuses the quote in %j, naming the line", (text, line) => {
    expect(() => parseCsv(text, "x.csv")).toThrow(InputError);
    expect(() => parseCsv(text, "x.csv")).toThrow(`x.csv: line ${line}: a quote (")`);
  });

  it("takes no more time for hostile text than for any other", () => {
    const start = process.cpuUsage(); // not the clock: a busy machine is no fault
    for (const text of [
      '"'.repeat(1_000_001),
      ",".repeat(1_000_000),
      `a\n${'"x""'.repeat(300_000)}`,
      "\n".repeat(1_000_000),
    ]) {
      try {
        parseCsv(text, "x.csv");
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(10_000); // 0.3 s on an idle core
  });
});
