import { expect, it } from "vitest";
import { quoted, shortened } from "./quoted.js";

it.each([
  ["stem_conv/kernel", '"stem_conv/kernel"'],
  ["two\nlines\u0007", '"two\\nlines\\u0007"'],
  ['a "quote"', '"a \\"quote\\""'],
  ["right\u202eleft, line\u2028line, C1 \u009b", '"right?left, line?line, C1 ?"'],
  ["half of a pair: \ud83d", '"half of a pair: \\ud83d"'],
  ["x".repeat(200), `"${"x".repeat(79)}…"`],
])("quotes %j on one printable line", (text, expected) => {
  expect(quoted(text)).toBe(expected);
});

it("cuts a pair of surrogates without leaving half of it", () => {
  expect(shortened(`123${"😀".repeat(9)}`, 5)).toBe("123?…");
});
