/** The layers of a head in one line of text: `flatten dense(256, relu) dropout(0.5)`. */
import { InputError } from "../../errors.js";
import type { Activation } from "../../models/layers.js";

export type HeadActivation = "linear" | "relu" | "relu6" | "silu" | "sigmoid" | "tanh";

export type HeadLayer =
  | { readonly kind: "flatten" }
  | { readonly kind: "dense"; readonly units: number; readonly activation: HeadActivation }
  | { readonly kind: "dropout"; readonly rate: number };

/** Logistic regression, solved to its optimum; or layers before the classifier, trained by epochs. */
export type HeadSpec = "linear" | readonly HeadLayer[];

/** What each activation adds to a dense layer; `linear` adds nothing. */
export const headActivations: { readonly [K in HeadActivation]: Activation | undefined } = {
  linear: undefined,
  relu: { op: "Relu" },
  relu6: { op: "Clip", min: 0, max: 6 },
  silu: { op: "Silu" },
  sigmoid: { op: "Sigmoid" },
  tanh: { op: "Tanh" },
};

/** A kernel from B7's 2560 features to as many units takes 160 MB, and an optimizer needs four of them. */
const mostUnits = 16384;

const layerForms = "linear, flatten, dense(units), dense(units, activation), dropout(rate)";
const activationNames = [...Object.keys(headActivations), "softmax"].join(", ");

/** One word of the text with what stands in its parentheses. */
interface Word {
  readonly text: string;
  readonly name: string;
  readonly args: readonly string[];
  /** Position of the first character, from 1. */
  readonly at: number;
}

/** A layer, or a dense layer that ends in softmax: only the classifier may. */
type ParsedLayer = HeadLayer | { readonly kind: "dense"; readonly units: number; readonly activation: "softmax" };

/**
 * Reads a head. Layers are separated by blanks or commas; upper and lower case are the same; `swish` is `silu`, `none` is
 * not an activation. A closing `dense(classes)`, with softmax or without activation, is the classifier that every head ends
 * in anyway, so it is left out here, as `dense(classes, softmax)` is added where it is missing.
 *
 * Throws `InputError`, in one line, with the word, its position and what was expected.
 */
export function parseHead(text: string, classes: number): HeadSpec {
  const words = splitWords(text);
  const [first] = words;
  if (!first) throw new InputError(`head "${text}": no layers, expected some of ${layerForms}`);
  const linear = words.find(({ name }) => name === "linear");
  if (linear && words.length > 1) {
    fail(
      text,
      linear,
      'stands alone: it is logistic regression. For a dense layer without activation say "dense(units)"',
    );
  }
  if (linear) {
    if (linear.args.length > 0) fail(text, linear, 'expected "linear" without parentheses');
    return "linear";
  }
  const layers = words.map((word) => parseLayer(text, word));
  return layers.flatMap((layer, index): HeadLayer[] => {
    const isLast = index === layers.length - 1;
    if (isLast && isClassifier(layer, classes)) return [];
    if (layer.kind === "dense" && layer.activation === "softmax") {
      const units = `${classes} units, one per class, got ${layer.units}`;
      const problem = isLast ? `expected ${units}` : "expected softmax in the last layer only";
      return fail(text, words[index]!, `${problem}; it may be left out, it is added`);
    }
    return [layer as HeadLayer]; // softmax has just been ruled out
  });
}

const isClassifier = (layer: ParsedLayer, classes: number): boolean =>
  layer.kind === "dense" && layer.units === classes && ["softmax", "linear"].includes(layer.activation);

function splitWords(text: string): Word[] {
  const pattern = /([a-z][a-z0-9_]*)\s*(?:\(([^()]*)\))?[\s,]*/iy;
  pattern.lastIndex = text.length - text.replace(/^[\s,]+/, "").length;
  const words: Word[] = [];
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex + 1;
    const match = pattern.exec(text);
    if (!match) {
      const problem = text[at - 1] === "(" ? 'a "(" is not closed' : `unexpected "${text[at - 1]}"`;
      throw new InputError(`head "${text}": ${problem} at character ${at}, expected some of ${layerForms}`);
    }
    const [whole, name = "", inside] = match;
    const args = inside === undefined ? [] : inside.split(",").map((arg) => arg.trim().toLowerCase());
    words.push({ text: whole.replace(/[\s,]+$/, ""), name: name.toLowerCase(), args, at });
  }
  return words;
}

function parseLayer(text: string, word: Word): ParsedLayer {
  const parse = Object.hasOwn(layerParsers, word.name) ? layerParsers[word.name] : undefined;
  return parse ? parse(text, word) : fail(text, word, `unknown layer, expected one of ${layerForms}`);
}

const layerParsers: Readonly<Record<string, (text: string, word: Word) => ParsedLayer>> = {
  flatten(text, word) {
    if (word.args.length > 0) fail(text, word, 'expected "flatten" without parentheses');
    return { kind: "flatten" };
  },
  dense(text, word) {
    const [units = "", activation = "linear", ...others] = word.args;
    const count = Number(units);
    if (!/^\d+$/.test(units) || count < 1 || count > mostUnits || others.length > 0) {
      fail(text, word, `expected dense(units) or dense(units, activation) with 1 to ${mostUnits} units`);
    }
    return { kind: "dense", units: count, activation: parseActivation(text, word, activation) };
  },
  dropout(text, word) {
    const [rate = "", ...others] = word.args;
    const value = Number(rate);
    if (rate === "" || !(value >= 0 && value < 1) || others.length > 0) {
      fail(text, word, "expected dropout(rate) with a rate from 0 up to 1 (not 1 itself), the part that is dropped");
    }
    return { kind: "dropout", rate: value };
  },
};

function parseActivation(text: string, word: Word, name: string): HeadActivation | "softmax" {
  if (name === "softmax") return name;
  const known = name === "swish" ? "silu" : name;
  if (!Object.hasOwn(headActivations, known)) {
    fail(text, word, `unknown activation "${name}", expected one of ${activationNames}`);
  }
  return known as HeadActivation; // a key of the table, just checked
}

function fail(text: string, word: Word, problem: string): never {
  throw new InputError(`head "${text}": "${word.text}" at character ${word.at}: ${problem}`);
}
