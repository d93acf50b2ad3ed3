/** The card as Hugging Face's library and a parser of Markdown read it. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readRun } from "../run/finished-run.js";
import { findPython, runPython } from "../testing/find-python.js";
import { madeRun } from "../testing/made-run.js";
import { modelCard } from "./model-card.js";
import { readSplitCounts } from "./split-counts.js";

/** What the library makes of the metadata, and the Markdown's tokens: code, headings, links and markup. */
const program = `
import json, sys
from huggingface_hub import ModelCard
from markdown_it import MarkdownIt
card = ModelCard.load(sys.argv[1])
results = [[one.metric_type, one.metric_value, one.dataset_name, one.dataset_split] for one in card.data.eval_results or []]
tokens = MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(card.text)
inline = [child for token in tokens if token.type == "inline" for child in token.children]
rows = []
for token in tokens:
    if token.type == "tr_open":
        rows.append(0)
    if token.type in ("th_open", "td_open"):
        rows[-1] += 1
print(json.dumps({
    "name": card.data.model_name,
    "license": card.data.license,
    "task": card.data.pipeline_tag,
    "results": results,
    "kinds": sorted({token.type for token in tokens + inline}),
    "code": [token.content for token in inline if token.type == "code_inline"],
    "headings": [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open"],
    "rows": rows,
}))
`;

const hostile = ["a | b", "`", "*x*", "<b>y</b>", "[z](http://x.y)", "猫: -", "- 'q' \"", "#c"];

it("is read by Hugging Face's library, with hostile names as they are", async (context) => {
  const python = await findPython("GRAYLING_PYTHON_HUB", "import huggingface_hub, markdown_it");
  if (!python)
    return context.skip("no Python with huggingface_hub and markdown-it-py; GRAYLING_PYTHON_HUB may name one");
  const folder = await mkdtemp(join(tmpdir(), "grayling card-"));
  try {
    const files = madeRun(
      { classes: hostile, perClass: 12, dataset: "/data/'x': \"y\" # z" },
      "/runs/a: 'b' \"c\" `d`",
    );
    const run = await readRun(files);
    const path = join(folder, "README.md");
    await writeFile(path, modelCard(run, { counts: await readSplitCounts(files, run) }));
    const seen = JSON.parse(await runPython(python, program, [path]));
    expect(seen).toMatchObject({ name: run.name, license: "other", task: "image-classification" });
    const { accuracy } = run.metrics.test as { accuracy: number };
    expect(seen.results).toContainEqual(["accuracy", accuracy, "'x': \"y\" # z", "test"]);
    expect(seen.results).toHaveLength(6);
    for (const kind of ["html_inline", "html_block", "link_open", "em_open", "hr", "s_open"])
      expect(seen.kinds).not.toContain(kind);
    for (const name of hostile)
      expect(seen.code.filter((code: string) => code === name).length).toBeGreaterThanOrEqual(3);
    expect(seen.headings).toHaveLength(8);
    expect(new Set(seen.rows)).toEqual(new Set([4, 5]));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
