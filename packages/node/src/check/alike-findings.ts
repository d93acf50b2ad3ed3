/** What pairs that look alike to a network are worth knowing for. */
import { counted } from "../terminal/counted.js";
import type { Alike, AlikePair } from "./alike-pictures.js";
import type { NamedFinding } from "./findings.js";

/** One finding, a note where nothing was found: it is what was asked for. */
export function alikeFindings({ pictures, pairs }: Alike): NamedFinding[] {
  const across = pairs.filter(({ files: [a, b] }) => a.split !== b.split);
  const classes = pairs.filter(({ files: [a, b] }) => a.label !== b.label);
  const parts = [
    ...(across.length > 0 ? [`${across.length} on two sides of the split`] : []),
    ...(classes.length > 0 ? [`${classes.length} in two classes`] : []),
  ];
  const found =
    parts.length > 0 ? `${counted(pairs.length, "pair")}, ${parts.join(", ")}` : counted(pairs.length, "pair");
  return [
    {
      check: "alike-to-network",
      severity: across.length > 0 ? "problem" : pairs.length > 0 ? "warning" : "note",
      title: `look alike to a network, far more than to any third: ${found}, of ${counted(pictures, "picture")}`,
      why: "Often two shots of one thing, of which one shows a part of the other, or a mirrored copy. A random split puts one to train on and the other to validate with.",
      todo:
        pairs.length > 0
          ? "Look at each pair (--html draws them). Where both show the same thing, keep them on one side: --groups lists them as groups."
          : "Nothing. Copies that are turned, or cut by more than a tenth, may still be there: they are not found.",
      groups: [...across, ...pairs.filter((pair) => !across.includes(pair))].map(concernsOf),
    },
  ];
}

function concernsOf({ files, cosine, ratio }: AlikePair) {
  const [first, second] = files;
  const detail = `cosine ${cosine.toFixed(3)}, ${ratio.toFixed(2)} of the distance to the next`;
  return [
    { file: first, detail },
    { file: second, detail, suggestion: `decide: looks as ${first.relative} to a network; keep both on one side` },
  ];
}
