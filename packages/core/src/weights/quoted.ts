/** Names from a stranger's file, fit to stand in a message. */
import { printable } from "../text-table.js";

/** characters; no layer or variable of Keras, timm or torchvision is named as long. */
const longest = 80;

/** `"block1a_dwconv/kernel"`: on one line, printable, and cut to 80 characters. */
export const quoted = (text: string): string => `"${shortened(JSON.stringify(text).slice(1, -1))}"`;

/** On one line, printable, and cut to 80 characters or as many as given. */
export const shortened = (text: string, length: number = longest): string =>
  printable(text.length > length ? `${text.slice(0, length - 1)}…` : text);
