/**
 * The colours of charts. Each is written as what it is on light ground, which any viewer shows; a style sheet in the
 * drawing turns it into what it is on dark ground, and into the page's own where the page names one.
 */

interface Shade {
  readonly light: string;
  readonly dark: string;
  /** Of the page. */
  readonly variable?: string;
}

/**
 * `line1` … `line5` are told apart by normal eyes and by those that lack one of the three cones: 12 at least in OKLab,
 * times 100, as red-blind and green-blind eyes see them, with a contrast of 3 on either ground.
 * Source of the simulation: Machado et al. 2009, A Physiologically-based Model for Simulation of Color Vision Deficiency.
 */
export const shades = {
  paper: { light: "#fbfbfa", dark: "#141516", variable: "--paper" },
  ink: { light: "#1b1c1d", dark: "#ececea", variable: "--ink" },
  muted: { light: "#5a5d60", dark: "#a9adb0", variable: "--muted" },
  rule: { light: "#d9dadb", dark: "#393c3e", variable: "--rule" },
  /** Lines of which single ones are not meant to be told. */
  crowd: { light: "#8b8e91", dark: "#74787b" },
  line1: { light: "#235a9c", dark: "#93bdf0" },
  line2: { light: "#7b2621", dark: "#b84518" },
  line3: { light: "#1e8b8d", dark: "#62e0ab" },
  line4: { light: "#ce44f5", dark: "#996bb0" },
  line5: { light: "#9d6502", dark: "#caa00d" },
  right1: { light: "#e9eef5", dark: "#1b222c" },
  right2: { light: "#d3dfee", dark: "#20303f" },
  right3: { light: "#bccfe6", dark: "#263d55" },
  right4: { light: "#a6c0de", dark: "#2c4b6b" },
  wrong1: { light: "#f7e6df", dark: "#33211b" },
  wrong2: { light: "#f2cdbf", dark: "#4b2a20" },
  wrong3: { light: "#eab29e", dark: "#653426" },
  wrong4: { light: "#e39a80", dark: "#7e3f2c" },
} as const satisfies Readonly<Record<string, Shade>>;

export type ChartColor = keyof typeof shades;

/** What a mark is given. */
export const chartColors = Object.fromEntries(Object.entries(shades).map(([name, { light }]) => [name, light])) as {
  readonly [K in ChartColor]: string; // the keys are those of the table
};

/** For up to ten lines: five colours, then the same with dashes. */
export const lineColors: readonly ChartColor[] = ["line1", "line2", "line3", "line4", "line5"];

const fonts = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif';

/** The style sheet of a drawing, for the colours that `markup` holds. Paper is light, whatever the screen is; a file's ground is not. */
export function chartStyle(markup: string): string {
  const used = Object.values<Shade>(shades).filter(({ light }) => markup.includes(`"${light}"`));
  const rules = (ground: "light" | "dark", chosen: readonly Shade[]) =>
    chosen
      .map((shade) => {
        const value = shade.variable ? `var(${shade.variable},${shade[ground]})` : shade[ground];
        return ["fill", "stroke"]
          .map((property) => `.chart-drawing [${property}="${shade.light}"]{${property}:${value}}`)
          .join("");
      })
      .join("");
  return `.chart-drawing{color-scheme:light dark;font-family:${fonts}}.chart-drawing text{white-space:pre}
${rules(
  "light",
  used.filter(({ variable }) => variable),
)}
@media screen and (prefers-color-scheme:dark){${rules("dark", used)}}`;
}
