/** In what the runs differ. */
import { type Html, html } from "../../page/html.js";
import { dataTable } from "../../report/data-table.js";
import { named } from "../../report/named.js";
import type { RunComparison } from "../compare-runs.js";

export function settingsSection({ settings, runs }: RunComparison): Html {
  const heading = html`<h2>What differs in their settings</h2>`;
  if (settings.length === 0) return html`<section id="settings">${heading}<p>Nothing.</p></section>`;
  const table = dataTable({
    caption: "All other options, versions and counts are the same",
    label: "Settings that differ",
    kind: "words",
    head: ["setting", ...runs.map(({ name }) => named(name))],
    rows: settings.map(({ name, values }) => [name, ...values.map((value) => value ?? "–")]),
  });
  return html`<section id="settings">${heading}${table}</section>`;
}
