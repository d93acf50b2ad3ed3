/** One finding in the page: what, why, what to do, and the pictures. */
import { grouped } from "@grayling/core";
import { type Html, html } from "../../page/html.js";
import type { Concern } from "../finding.js";
import type { NamedFinding } from "../findings.js";
import { pictureFigure } from "./picture-figure.js";

/** Drawn of each finding, so that a page stays below a few megabytes; the others are listed. */
const drawnGroups = 12;
const drawnOfGroup = 6;
const listed = 400;

export function findingSection({ severity, check, title, why, todo, groups, table, view }: NamedFinding): Html {
  const hasPictures = groups.some((group) => group.some(({ file }) => file.picture !== null));
  const drawn = hasPictures ? groups.slice(0, drawnGroups) : [];
  return html`<section class="${severity}"><p class="severity"><b>${severity}</b> · ${check}</p>
<h2>${title}</h2><p>${why}</p>
${table && tableOf(table)}
<p class="todo">${withFlags(todo)}</p>
${drawn.length === 0 ? undefined : html`<ul class="groups">${drawn.map((group) => groupItem(group, view))}</ul>`}
${view === undefined ? rest(hasPictures ? groups.slice(drawnGroups) : groups, hasPictures) : undefined}</section>`;
}

/** A flag, and the pattern behind it, as code: the page does not break a line inside. */
const withFlags = (text: string): readonly (Html | string)[] =>
  text.split(/(--[a-z]+(?:-[a-z]+)*(?: '[^']*')?)/).map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part));

function groupItem(group: readonly Concern[], view: NamedFinding["view"]): Html {
  const left = group.length - drawnOfGroup;
  const figures = group.slice(0, drawnOfGroup).map(({ file, detail }) => pictureFigure(file, detail, view));
  return html`<li>${figures}${left > 0 ? html`<p class="more">and ${grouped(left)} more</p>` : undefined}</li>`;
}

function rest(groups: readonly (readonly Concern[])[], isRest: boolean): Html | undefined {
  if (groups.length === 0) return undefined;
  const items = groups.slice(0, listed).map((group) => {
    const names = group.map(({ file }) => file.relative).join(", ");
    return html`<li>${names}: ${group[0]?.detail}</li>`;
  });
  const left = groups.length - listed;
  const summary = isRest ? `${grouped(groups.length)} more` : "The files";
  return html`<details${isRest ? undefined : html` open`}><summary>${summary}</summary><ul>${items}</ul>${
    left > 0 ? html`<p class="more">and ${grouped(left)} more, all of them in --fix-list and --json</p>` : undefined
  }</details>`;
}

function tableOf([head = [], ...rows]: readonly (readonly string[])[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Numbers"><table><thead><tr>
${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead><tbody>
${rows.map(
  ([first = "", ...cells]) => html`<tr><th scope="row">${first}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>
`,
)}</tbody></table></div>`;
}
