/** Names and numbers as charts write them: short, and harmless whatever they hold. */
import { printable, textWidth } from "@grayling/core";

const rightToLeft = /[\p{sc=Arabic}\p{sc=Hebrew}\p{sc=Syriac}\p{sc=Thaana}]/u;

/** The name, cut to so many columns (of an Arabic numeral's width; East Asian characters take two). */
export function shortLabel(name: string, columns: number): string {
  const characters = [...printable(name)];
  if (textWidth(characters.join("")) > columns) {
    while (characters.length > 0 && textWidth(characters.join("")) > columns - 1) characters.pop();
    characters.push("…");
  }
  const label = characters.join("");
  return rightToLeft.test(label) ? `\u2068${label}\u2069` : label; // its neighbours keep their own direction
}

/** Width of a text, px: an estimate that is rather too large, since fonts differ and none is at hand to measure. */
export const widthOf = (text: string, fontSize: number): number => 0.56 * fontSize * textWidth(text);

/** 0.5 → "50 %", for axes; digits as they are needed. */
export const tickPercent = (part: number): string => `${Number((100 * part).toFixed(6))}\u00a0%`;

/** "one", "one and two", "one, two and three" */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
