import { expect, it } from "vitest";
import { toCsv, toCsvBytes } from "./csv.js";

it("writes the header, then one line per row, each ended by a newline", () => {
  const rows = [
    ["a.png", 1],
    ["b.png", undefined],
  ];
  expect(toCsv(["path", "label"], rows)).toBe("path,label\na.png,1\nb.png,\n");
  expect(toCsv(["path", "label"], [])).toBe("path,label\n");
});

// RFC 4180, section 2, rules 5 to 7.
it.each([
  ["plain text", "plain text"],
  ["one, two", '"one, two"'],
  ['14" tube', '"14"" tube"'],
  ['"', '""""'],
  ["two\nlines", '"two\nlines"'],
  ["two\r\nlines", '"two\r\nlines"'],
  ["Füße;und\tmehr", "Füße;und\tmehr"],
  ["", ""],
])("quotes %j only where it must", (value, field) => {
  expect(toCsv(["x"], [[value]])).toBe(`x\n${field}\n`);
});

it("quotes the header as well: classes are named by folders", () => {
  expect(toCsv(['a "b", c'], [])).toBe('"a ""b"", c"\n');
});

it("writes numbers in full, so that a float32 comes back to the bit", () => {
  const values = Float32Array.of(0.1, 1 / 3, 1e-30, 16777216, -0.5, 1.17549435e-38);
  const lines = toCsv(
    ["x"],
    [...values].map((value) => [value]),
  )
    .split("\n")
    .slice(1, -1);
  expect(Float32Array.from(lines, Number)).toEqual(values);
});

it("gives the same as bytes, from rows that are made one by one", () => {
  function* rows() {
    yield ["größe, 灰.png", 0.1, undefined];
    yield ['"', -1e-30, 2];
  }
  const header = ["path", "ü", "b"];
  expect(new TextDecoder().decode(toCsvBytes(header, rows()))).toBe(toCsv(header, rows()));
});
