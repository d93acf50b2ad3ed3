/** The nearest of the words that would have been right. */
import { closest, distance } from "fastest-levenshtein";

/** ` (did you mean "…"?)`, or nothing where no candidate is near: more than two edits and a third of the word. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  if (candidates.length === 0) return "";
  const nearest = closest(word.toLowerCase(), [...candidates]);
  const allowed = Math.max(2, Math.floor(word.length / 3));
  return distance(word.toLowerCase(), nearest) <= allowed ? ` (did you mean "${nearest}"?)` : "";
}
