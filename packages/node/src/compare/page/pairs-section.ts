/** Every two runs, and whether one is better by more than chance. */
import { grouped } from "@grayling/core";
import { type Html, html } from "../../page/html.js";
import { dataTable } from "../../report/data-table.js";
import { named } from "../../report/named.js";
import type { PairVerdict, RunComparison } from "../compare-runs.js";
import { bareP, showDifference, showVerdict } from "../show-verdict.js";

export function pairsSection(comparison: RunComparison): Html {
  const { pairs } = comparison;
  const many = pairs.length > 1;
  const table = dataTable({
    caption: "Images that only one of the two names rightly, and how much more accurate the second is",
    label: "Pairs of runs",
    kind: "numbers",
    head: [
      "",
      "only the first",
      "only the second",
      "p",
      ...(many ? ["p among all"] : []),
      "accuracy, second less first",
    ],
    rows: pairs.map((pair) => row(pair, comparison, many)),
  });
  const verdicts = html`<ul class="remarks">${pairs.map((pair) => html`<li>${showVerdict(pair, comparison)}.</li>`)}</ul>`;
  return html`<section id="pairs"><h2>Is one better?</h2>${many ? verdicts : undefined}${table}
<p class="note">p is McNemar’s exact test: how often runs that are equally good would differ at least so much${
    many ? "; “among all” counts that many pairs are looked at (Holm)" : ""
  }. A run is called better where that is below 0.05 and the 95 % interval of the difference does not hold zero. That no difference is shown does not mean that there is none: more images tell more.</p></section>`;
}

function row(pair: PairVerdict, { runs }: RunComparison, many: boolean) {
  const { first, second, onlyFirst, onlySecond, pValue, adjusted } = pair;
  return [
    html`${named(runs[first]!.name)} and ${named(runs[second]!.name)}`,
    ...[grouped(onlyFirst), grouped(onlySecond), bareP(pValue), ...(many ? [bareP(adjusted)] : [])],
    showDifference(pair),
  ];
}
