/** Values of flags, from text. Each throws commander's error, which names the flag. */
import { InvalidArgumentError } from "commander";

/** "84x112" is height × width, in px, as in "84 rows of 112"; "84" is a square. */
export function parseSize(text: string): { readonly height: number; readonly width: number } {
  const match = /^(\d+)(?:[x×](\d+))?$/i.exec(text);
  if (!match) throw new InvalidArgumentError("Expected height x width in px, such as 84x112.");
  const height = Number(match[1]);
  return { height, width: match[2] === undefined ? height : Number(match[2]) };
}

/** "224x224x1" is height × width × channels; "224x224" and "224", a square, leave the channels open. */
export function parseInput(text: string): {
  readonly height: number;
  readonly width: number;
  readonly channels?: number;
} {
  const match = /^(\d+)(?:[x×](\d+)(?:[x×](\d+))?)?$/i.exec(text);
  if (!match) throw new InvalidArgumentError("Expected height x width x channels, such as 224x224x1.");
  const height = Number(match[1]);
  const width = match[2] === undefined ? height : Number(match[2]);
  return match[3] === undefined ? { height, width } : { height, width, channels: Number(match[3]) };
}

export function parseWhole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Expected a whole number.");
  return Number(text);
}

/** A count of something of which there must be some. */
export function parseCount(text: string): number {
  const value = parseWhole(text);
  if (value === 0) throw new InvalidArgumentError("Expected a whole number of at least 1.");
  return value;
}

/** One more of an option's goals, which takes all that follow it: a folder behind them would be one. Core reads what they say. */
export function addGoal(text: string, before: readonly string[] = []): readonly string[] {
  if (!text.includes(":")) throw new InvalidArgumentError("Expected recall:0.95:crack; the folder stands before it.");
  return [...before, text];
}

export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("Expected a number.");
  return value;
}
