/** Markdown in which names of classes, files and runs stay what they are. Source: GitHub Flavored Markdown 0.29. */
import { printable } from "@grayling/core";

/** What could be read as markup, HTML, an entity, a formula or the end of a cell gets a backslash (GFM, section 6.1). */
export const plainText = (text: string): string => printable(text).replace(/[\\`*_[\]<>#|~&$!@]/g, "\\$&");

/** A name as code; in a table "|" ends a cell even there, but for a backslash before it (GFM, section 4.10). */
export function codeText(text: string, { isCell = false } = {}): string {
  const content = printable(text);
  if (content.trim() === "") return "``␠``";
  const fence = "`".repeat(longestRun(content) + 1);
  const pad = content.startsWith("`") || content.endsWith("`") || /^ .* $/.test(content) ? " " : "";
  const code = `${fence}${pad}${content}${pad}${fence}`;
  return isCell ? code.replaceAll("|", "\\|") : code;
}

export function codeBlock(language: string, code: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(code) + 1));
  return `${fence}${language}\n${code}\n${fence}\n`;
}

/** Cells are Markdown already; the first row is the head, all but the first column are numbers. */
export function numberTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join("");
}

const longestRun = (text: string): number => Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
