/** Letters of 5 × 7 pixels for labels in pictures: no font has to be installed, and the same label has the same pixels. */

/** Seven rows of five pixels, each row two hexadecimal digits. Letters are capitals, which are legible this small. */
const glyphs: Readonly<Record<string, string>> = {
  A: "0e11111f111111",
  B: "1e11111e11111e",
  C: "0e11101010110e",
  D: "1e11111111111e",
  E: "1f10101e10101f",
  F: "1f10101e101010",
  G: "0e11101711110f",
  H: "1111111f111111",
  I: "0e04040404040e",
  J: "0702020202120c",
  K: "11121418141211",
  L: "1010101010101f",
  M: "111b1515111111",
  N: "11191915131311",
  O: "0e11111111110e",
  P: "1e11111e101010",
  Q: "0e11111115120d",
  R: "1e11111e141211",
  S: "0f10100e01011e",
  T: "1f040404040404",
  U: "1111111111110e",
  V: "11111111110a04",
  W: "1111111515150a",
  X: "11110a040a1111",
  Y: "11110a04040404",
  Z: "1f01020408101f",
  "0": "0e11131519110e",
  "1": "040c040404040e",
  "2": "0e11010204081f",
  "3": "1f02040201110e",
  "4": "02060a121f0202",
  "5": "1f101e0101110e",
  "6": "0608101e11110e",
  "7": "1f010204080808",
  "8": "0e11110e11110e",
  "9": "0e11110f01020c",
  ".": "00000000000c0c",
  ",": "000000000c0408",
  ":": "000c0c000c0c00",
  "-": "0000001f000000",
  "–": "0000001f000000",
  _: "0000000000001f",
  "/": "01010204081010",
  "#": "0a0a1f0a1f0a0a",
  "(": "02040808080402",
  ")": "08040202020408",
  "+": "0004041f040400",
  "=": "00001f001f0000",
  "%": "18190204081303",
  "°": "06090906000000",
  "×": "0000110a040a11",
  "'": "04040800000000",
  "·": "00000004000000",
  "…": "00000000000015",
};

/** A box, for a letter that is not there. */
const unknown = "1f11111111111f";

/** From the left of one letter to that of the next. */
export const letterWidth = 6; // px
export const letterHeight = 7; // px

/** Whether a pixel of a letter is set: column 0–4, row 0–6. Accents are left out. */
export function isInk(letter: string, row: number, column: number): boolean {
  if (letter === " ") return false;
  const [base = letter] = letter.normalize("NFD");
  const glyph = glyphs[base.toUpperCase()] ?? unknown;
  return ((Number.parseInt(glyph.slice(2 * row, 2 * row + 2), 16) >> (4 - column)) & 1) === 1;
}
