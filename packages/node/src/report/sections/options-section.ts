/** Every option of a training, and the versions that its result depends on. */
import { type Html, html } from "../../page/html.js";
import { dataTable } from "../data-table.js";
import type { ReportContent } from "../report-content.js";

export function optionsSection({ run, facts }: ReportContent): Html {
  const { options, weights, window, samples, trunk } = run.config;
  const about: [string, string][] = [
    ["weights", weights],
    ["window, settled", window],
    ...(samples ? [["samples of the files", samples.join(", ")] as [string, string]] : []),
    ["key of the network", trunk],
  ];
  const versions = Object.entries(facts.versions);
  return html`<section id="options"><h2>Every option</h2>
<details open><summary>Options</summary>${dataTable({
    caption: "As they were settled; what does not apply is absent",
    label: "Options",
    kind: "words",
    head: ["option", "value"],
    rows: [...flatten(options), ...about],
  })}</details>
${
  versions.length === 0
    ? undefined
    : html`<details open><summary>Versions</summary>${dataTable({
        caption: "Of everything that decodes images or computes",
        label: "Versions",
        kind: "words",
        head: ["package", "version"],
        rows: versions,
      })}</details>`
}</section>`;
}

/** `{ layers: { epochs: 5 } }` → `["layers.epochs", "5"]`; lists of numbers in one row. */
function flatten(value: unknown, name = ""): [string, string][] {
  const isTree = typeof value === "object" && value !== null && !isShort(value);
  if (!isTree) return [[name, typeof value === "string" ? value : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, own]) => flatten(own, name === "" ? key : `${name}.${key}`));
}

const isShort = (value: object): boolean => Array.isArray(value) && value.every((one) => typeof one !== "object");
