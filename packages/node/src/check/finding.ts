/** What a check found: one thing that somebody should know before training. */
import type { InspectedFile, Inspection, Picture, Stored } from "./inspected-file.js";
import type { ViewName } from "./probe-views.js";

/**
 * - `problem`: it makes results wrong or files useless.
 * - `warning`: it may.
 * - `note`: good to know.
 */
export type Severity = "problem" | "warning" | "note";

export const severities: readonly Severity[] = ["problem", "warning", "note"];

/** A file that a finding is about. */
export interface Concern<P extends Stored = Picture> {
  readonly file: InspectedFile<P>;
  /** What is to be known of this file: why it does not decode, how alike it is. */
  readonly detail: string;
  /** What to do with it, for the fix list: `exclude: …`, `decide: …`, `rename: …`; undefined: nothing with this file. */
  readonly suggestion?: string | undefined;
}

export interface Finding<P extends Stored = Picture> {
  readonly severity: Severity;
  /** One line, with the numbers. */
  readonly title: string;
  /** What it does to a training. */
  readonly why: string;
  readonly todo: string;
  /** Groups of files that belong together, such as copies; a finding about single files has one of each. */
  readonly groups: readonly (readonly Concern<P>[])[];
  /** Rows of numbers, the first of them the header. */
  readonly table?: readonly (readonly string[])[] | undefined;
  /** What of the pictures is to be shown; default: all. */
  readonly view?: ViewName | undefined;
}

/** One kind of thing to look for. */
export interface Check {
  readonly name: string; // kebab-case, in JSON and in the fix list
  /** Nothing found is an empty list. Pure: the same inspection, the same findings. */
  readonly find: (inspection: Inspection) => readonly Finding[];
}

/** A check that needs no pixels: it finds the same when headers alone were read. */
export interface QuickCheck {
  readonly name: string;
  readonly find: <P extends Stored>(inspection: Inspection<P>) => readonly Finding<P>[];
}
