/** The words nearest to one that was mistyped. */

/** ` (did you mean "…"?)`, or nothing where no candidate begins with the word or is as near as two edits or a third of it. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const [nearest] = nearestWords(word, candidates);
  if (nearest === undefined) return "";
  const typed = word.toLowerCase();
  const isBegin = typed.length > 1 && nearest.toLowerCase().startsWith(typed);
  const isNear = editDistance(typed, nearest.toLowerCase()) <= Math.max(2, Math.floor(word.length / 3));
  return isBegin || isNear ? ` (did you mean "${nearest}"?)` : "";
}

/** All candidates, the nearest first: those that begin with the word, then by the number of edits; case does not count. */
export function nearestWords(word: string, candidates: readonly string[]): string[] {
  const typed = word.toLowerCase();
  const distances = new Map(
    candidates.map((candidate) => {
      const own = candidate.toLowerCase();
      return [candidate, typed.length > 1 && own.startsWith(typed) ? 0 : editDistance(typed, own)];
    }),
  );
  return [...candidates].sort((a, b) => distances.get(a)! - distances.get(b)!);
}

/** Characters to insert, remove or replace until `a` is `b`: Levenshtein's distance, row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, character] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = row[j]! + (character === b[j] ? 0 : 1);
      next.push(Math.min(replaced, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
}
