/** What the model is, what it is for, and what it was made of. */
import { grouped } from "@grayling/core";
import { counted } from "../../terminal/counted.js";
import { networkName } from "../network-name.js";
import { breakCommand, quotePath, quoteWord } from "../quote-word.js";
import { countedClasses, listed, showInterval, showPart } from "../show-part.js";
import { trainCommand } from "../train-command.js";
import { type CardContent, mostListed } from "./card-content.js";
import { codeBlock, codeText, numberTable, plainText } from "./markdown.js";

export function aboutSection({ run, main }: CardContent): string {
  const { classes, options } = run.config;
  const what = `A classifier of grayscale images into ${countedClasses(classes.length)}: ${networkName(options.model)}, trained with grayling.`;
  if (!main)
    return `# ${codeText(run.name)}\n\n${what} No image was held out, so how often it is right is not known.\n`;
  const interval = showInterval(main.intervals?.of.accuracy, true);
  const sure = interval ? ` (95 % interval: ${interval})` : "";
  return `# ${codeText(run.name)}\n\n${what} Of ${counted(main.images.length, `${main.what} image`)} it names the right class for ${showPart(main.scalars.accuracy)}${sure}.\n`;
}

export function intendedSection({ run }: CardContent): string {
  const { classes, judgement, options, samples, window } = run.config;
  const { height, width, fit, interpolation = "antialias" } = options;
  const named = classes.slice(0, mostListed).map((name) => codeText(name));
  const left = classes.length - named.length;
  const outputs = [
    "`predictions`: a probability per class, calibrated",
    ...(judgement?.sets ? ["`set`: the classes it may be"] : []),
    ...(judgement?.unknown ? ["`novelty`: above 1 the image is unlike all that trained"] : []),
  ];
  return `## What it is for

Images like those it was trained on: of the same things, taken the same way. It tells which of these classes an image is of:

${named.join(", ")}${left > 0 ? ` and ${grouped(left)} more` : ""}

It is not for other things, other cameras or other settings before it was measured there, and not for decisions that nobody checks. An image that is of none of its
classes gets one of them all the same${judgement?.unknown ? ", unless `novelty` is looked at" : ""}.

- Input: \`input_layer\` [N, 1, ${height}, ${width}], gray levels 0–255 as float32, made of the files${samples ? ` (${samples.join(", ")})` : ""} by the window ${codeText(window)}, the fit ${codeText(fit)} and the interpolation ${codeText(interpolation)}.
${outputs.map((output) => `- Output: ${output}.`).join("\n")}
`;
}

export function dataSection({ facts, run, dataset, counts }: CardContent): string {
  const { images, groups, copies, skipped } = facts;
  const sentences = [
    images &&
      `${grouped(images.train)} images trained, ${grouped(images.val)} validated and ${grouped(images.test)} were kept for the test.`,
    groups
      ? `What belongs together is on one side (${codeText(groups.by)}): ${grouped(groups.train)} groups train, ${grouped(groups.val)} validate, ${grouped(groups.test)} test.`
      : "No groups were given: each image stands for itself, but for copies.",
    copies > 0 &&
      `${counted(copies, "image")} ${copies === 1 ? "is a copy of another" : "are copies of others"}, byte by byte; copies are on one side.`,
    skipped.length > 0 && `${counted(skipped.length, "file")} could not be read.`,
  ].filter((text) => typeof text === "string");
  return `## Data

The images of ${codeText(dataset)}. ${sentences.join(" ")}

${counts && run.config.classes.length <= mostListed ? countTable(run.config.classes, counts) : ""}`;
}

function countTable(classes: readonly string[], { sides, counts }: NonNullable<CardContent["counts"]>): string {
  const cells = (k: number) => sides.map((_, i) => grouped(counts[k]![i]!));
  return numberTable([
    ["class", ...sides],
    ...classes.map((name, k) => [codeText(name, { isCell: true }), ...cells(k)]),
  ]);
}

export function trainingSection({ run, dataset, facts }: CardContent): string {
  const { options, weights, trained } = run.config;
  const { network } = options;
  const how = network
    ? `Its layers from ${codeText(network.unfreeze)} up were trained, from the optimum of the head on${trained === "the head alone" ? "; that was no better than the head alone, which is what is kept" : ""}.`
    : "Its layers stayed as they were; only the head was trained.";
  const { words, unsaid } = trainCommand(dataset, run.config);
  const [command, folder, ...flags] = words as [string, string, ...string[]]; // it begins so
  const head =
    options.head === "linear" ? "a linear head, solved to its optimum" : `the head ${codeText(options.head)}`;
  return `## Training

${networkName(options.model)} with the weights ${plainText(weights)}, its first convolution folded to one channel, and ${head}. ${how}

${codeBlock("sh", breakCommand(["grayling", command, quotePath(folder), ...flags.map(quoteWord)]))}
${unsaid.length > 0 ? `No flag says ${listed(unsaid.map((name) => codeText(name)))}; config.json has it.\n\n` : ""}Versions: ${versions(facts.versions)}.
`;
}

const versions = (all: Readonly<Record<string, string>>): string =>
  Object.entries(all)
    .map(([name, version]) => codeText(`${name} ${version}`))
    .join(", ") || "not known";
