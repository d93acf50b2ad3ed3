/** The network of a run, for what a report says and draws of it. */
import { foldChannels, InputError, imageInput, stemChange, WeightsError } from "@grayling/core";
import { type Explainable, openExplainable } from "../explain-image/open-explainable.js";
import { openSource } from "../export/open-source.js";
import type { StemStory } from "./report-content.js";

export interface Reported {
  readonly explainable: Explainable;
  readonly stem: StemStory;
}

/** Or why it cannot be opened, in one line: weights that are gone, or not on this machine. */
export async function openReported(
  folder: string,
  options: { readonly cache?: string | undefined; readonly signal?: AbortSignal | undefined },
): Promise<Reported | string> {
  try {
    const { source } = await openSource(folder, options);
    const isFolded = imageInput(source.model.graph).channels !== 1;
    const line = stemChange(source.model, isFolded ? foldChannels(source.model, 1) : source.model);
    return { explainable: await openExplainable(folder, options), stem: { isFolded, line } };
  } catch (error) {
    if (error instanceof InputError || error instanceof WeightsError) return error.message;
    throw error;
  }
}
