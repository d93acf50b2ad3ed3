/** Words of a command as a POSIX shell reads them. */

/** As it is where nothing in it means anything to a shell, else in single quotes. */
export function quoteWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A path as an argument: one that begins as an option does is told to be none. */
export const quotePath = (path: string): string => quoteWord(path.startsWith("-") ? `./${path}` : path);

/** A line that is too long goes on in the next, before an option. */
export function breakCommand(words: readonly string[], width = 76): string {
  const lines: string[] = [];
  for (const [i, word] of words.entries()) {
    const isOption = word.startsWith("-") && word.length > 1;
    const last = lines.at(-1);
    // An option and its value stay together.
    const group = isOption && words[i + 1]?.startsWith("-") === false ? `${word} ${words[i + 1]}` : word;
    if (last === undefined) lines.push(word);
    else if (isOption && last.length + group.length + 3 > width) lines.push(`  ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join(" \\\n");
}
