/** Names of classes and files in a page: whatever direction they are written in, the text around them keeps its own. */
import { type Html, html } from "../page/html.js";

export const named = (name: string): Html => html`<bdi>${name}</bdi>`;

/** Longer ones are cut where there is no room for them; the whole name is in the tables. */
const longest = 40; // characters

/** For texts that tell a picture, which read on in one line. */
export function shortName(name: string): string {
  const characters = [...name];
  return characters.length <= longest ? name : `${characters.slice(0, longest - 1).join("")}…`;
}
