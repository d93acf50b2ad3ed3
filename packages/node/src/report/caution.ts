/** Something to be careful about before a run's numbers are believed. */
import type { ReportContent } from "./report-content.js";

export interface Caution {
  readonly title: string;
  readonly text: string;
  /** Id of the section that shows it. */
  readonly section?: string;
}

/** Near copies are searched for by the report alone. */
export type CautionContent = Pick<ReportContent, "run" | "facts" | "counts" | "main" | "other"> &
  Partial<Pick<ReportContent, "nearCopies">>;

/** Undefined where there is no reason. */
export type CautionRule = (content: CautionContent) => Caution | undefined;
