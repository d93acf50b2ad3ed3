/** Numbers as a reader wants them in a caption: few digits, a true minus sign, powers of ten written out. */

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** Keeps a number on one line. */
const noBreak = "\u00a0";

/** Four significant digits or so: −2.118, 0.0171, 143, 1.9 × 10⁻⁶. */
export function showNumber(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return `${value}`;
  if (size < 1e-3 || size >= 1e6) return showPower(value);
  const digits = size >= 100 ? 1 : size >= 10 ? 2 : size >= 0.1 ? 3 : 4;
  return trueMinus(trimZeros(value.toFixed(digits)));
}

/** Always so many decimals, for columns and tiles: −0.30. */
export const showFixed = (value: number, decimals: number): string => {
  const text = value.toFixed(decimals);
  return trueMinus(Number(text) === 0 ? text.replace("-", "") : text);
};

/** "−2.118 … 2.640" */
export const showRange = ({ min, max }: { readonly min: number; readonly max: number }): string =>
  `${showNumber(min)} … ${showNumber(max)}`;

function showPower(value: number): string {
  const [mantissa, exponent] = value.toExponential(1).split("e") as [string, string]; // that is its form
  const raised = [...`${Math.abs(Number(exponent))}`].map((digit) => superscripts[Number(digit)]).join("");
  return `${trueMinus(mantissa)}${noBreak}×${noBreak}10${Number(exponent) < 0 ? "⁻" : ""}${raised}`;
}

const trueMinus = (text: string) => text.replace("-", "−");
const trimZeros = (text: string) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
