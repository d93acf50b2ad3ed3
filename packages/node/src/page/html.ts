/** Markup in which every value that is put in is escaped: names of models and files come from users. */

/** Markup that is right by itself. Only `html` makes it. */
export interface Html {
  readonly markup: string;
}

/** Text and numbers are escaped, markup and lists of it stand as they are, undefined is nothing. */
export type HtmlPart = string | number | Html | undefined | readonly HtmlPart[];

/** `html\`<b>${name}</b>\``; safe in attributes too where they are quoted. */
export function html(literals: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return { markup: literals.reduce((text, literal, i) => text + render(parts[i - 1]) + literal) };
}

function render(part: HtmlPart): string {
  if (part === undefined) return "";
  if (typeof part === "string" || typeof part === "number") return escapeHtml(`${part}`);
  return "markup" in part ? part.markup : part.map(render).join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it may stand between tags and in quoted attributes. Control characters, which HTML forbids, become "?". */
export const escapeHtml = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, "?")
    .replace(/[&<>"']/g, (character) => entities[character]!);
