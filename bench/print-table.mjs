/** Prints rows of text under each other; columns of numbers to the right. */
export function printTable(header, rows) {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  for (const row of all) {
    const cells = row.map((cell, column) => {
      return /^[−\d]/.test(rows[0]?.[column] ?? "") ? cell.padStart(widths[column]) : cell.padEnd(widths[column]);
    });
    console.log(`  ${cells.join("  ")}`.trimEnd());
  }
  console.log();
}

/** Whether a goal was met, with the figure that decides. */
export const verdict = (isMet) => (isMet ? "met" : "MISSED");
