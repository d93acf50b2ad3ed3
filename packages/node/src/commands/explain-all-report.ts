/** What `grayling explain --all` says on the terminal: a line for each network. */
import { alignColumns } from "@grayling/core";
import { displayName } from "../explain/answer.js";
import type { ExplainedNetwork } from "../explain/explain-all.js";
import { relative, roundingLimit } from "../explain/fold-proof.js";
import type { PlaneSize } from "../images/read-plane.js";
import { wrapText } from "../terminal/wrap-text.js";
import type { Console } from "./console.js";

export function printAll(
  networks: readonly ExplainedNetwork[],
  { height, width }: PlaneSize,
  columns: number,
  { print, colors }: Console,
): void {
  const passing = networks.filter(({ trace }) => !trace.failure).length;
  const paragraph = (text: string, paint = (line: string) => line) => {
    for (const line of wrapText(text, Math.min(columns, 110))) print(paint(line));
  };
  paragraph(
    `${passing} of ${networks.length} networks that are built for 3 channels take a gray image, because a layer before the ` +
      "stem broadcasts; the others refuse it at the stem.",
    colors.bold,
  );
  print();
  const rows = networks.map(rowOf);
  const titles = ["network", "gray image", "at stem", "off by", "time"];
  const [head, ...lines] = alignColumns([titles, ...rows], [2, 3, 4]);
  print(colors.dim(head!));
  for (const [i, line] of lines.entries()) {
    const { trace, proof } = networks[i]!;
    print(trace.failure || !proof.isEqual ? colors.yellow(line) : line);
  }
  print();
  paragraph(
    `Images of ${height} × ${width} px. At stem: channels that reach the first convolution. Off by: largest difference of ` +
      "the folded 1-channel network's pooled features from those of the 3-channel network on the image three times, ÷ " +
      "the largest feature. " +
      `Up to ${roundingLimit.toExponential(1)} is float32 rounding.`,
  );
  const sources = [...new Set(networks.map(({ weights }) => weights))];
  paragraph(`Weights: ${sources.map((source) => `${source} (${namesOf(networks, source)})`).join("; ")}.`);
  print();
  const different = networks.filter(({ proof }) => !proof.isEqual).length;
  if (different === 0) print(colors.green(`All ${networks.length} are equal when folded, up to float32 rounding.`));
  else print(colors.red(`${different} are NOT equal when folded.`));
}

function rowOf({ model, trace, channelsAtStem, proof, seconds }: ExplainedNetwork): string[] {
  return [
    displayName(model),
    trace.failure ? `refused at ${trace.failure.name}` : `works: 1 → ${channelsAtStem} at ${trace.widensAt}`,
    `${channelsAtStem}`,
    relative(proof.features).toExponential(1),
    `${seconds.toFixed(1)} s`,
  ];
}

function namesOf(networks: readonly ExplainedNetwork[], source: string): string {
  const names = networks.filter(({ weights }) => weights === source).map(({ model }) => displayName(model));
  return names.length > 3 ? `${names.length} networks` : names.join(", ");
}
