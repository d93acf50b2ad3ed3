/** How to train it again, and how to use it: commands and programs to be copied. */
import { type Html, html } from "../../page/html.js";
import { breakCommand, quotePath, quoteWord } from "../quote-word.js";
import type { ReportContent } from "../report-content.js";
import { listed } from "../show-part.js";
import { pythonSnippet, typescriptSnippet } from "../snippets.js";
import { trainCommand } from "../train-command.js";

export function useSection({ run, facts }: ReportContent): Html {
  const model = quotePath(run.name);
  const { words, unsaid } = trainCommand(facts.dataset ?? "images", run.config);
  const [command, dataset, ...flags] = words as [string, string, ...string[]]; // it begins so
  const train = breakCommand(["grayling", command, quotePath(dataset), ...flags.map(quoteWord)]);
  const python = pythonSnippet(run.name, run.config);
  return html`<section id="use"><h2>Train it again, and use it</h2>
<h3>Again</h3><p>The same images, options and versions give the same run, byte by byte, on the same machine.</p>${code(train)}
${unsaid.length > 0 ? html`<p class="note">No flag says ${listed(unsaid)}; config.json has it.</p>` : undefined}
<h3>On the command line</h3><p>From the folder in which this run’s folder lies:</p>
${code(
  [
    `grayling predict --model ${model} new.png`,
    `grayling evaluate labelled --model ${model}`,
    `grayling explain-image ${model} new.png --out explained`,
    `grayling export ${model} --out classifier.keras`,
  ].join("\n"),
)}
<h3>In TypeScript</h3>${code(typescriptSnippet(run.name))}
<h3>In Python, without grayling</h3>${python === undefined ? elsewhere(run.config.window, run.config.options.fit) : code(python)}</section>`;
}

/** A program in a frame of its own, which scrolls. */
const code = (text: string): Html => html`<pre tabindex="0"><code>${text}</code></pre>`;

const elsewhere = (window: string, fit: string): Html =>
  html`<p>model.onnx reads gray levels 0–255, made of the files by the window “${window}” and the fit “${fit}”, as its metadata say; what makes them so in Python is not shown here.</p>`;
