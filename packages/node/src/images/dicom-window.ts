/** The window that a DICOM file recommends: which values are black and white. Source: DICOM PS3.3 C.11.2.1.2, C.11.2.1.3. */
import type { FileWindow, ValueRange } from "@grayling/core";
import type { Attributes } from "./dicom-dataset.js";

export interface FoundWindow {
  readonly window?: FileWindow;
  /** What of the file's wishes is not followed, in one line each. */
  readonly notes: readonly string[];
}

/** How centre and width make black and white; undefined for a width that the standard forbids. */
type ToWindow = (centre: number, width: number) => FileWindow | undefined;

const functions: ReadonlyMap<string, ToWindow> = new Map(
  Object.entries<ToWindow>({
    LINEAR: (centre, width) => {
      if (width < 1) return undefined;
      const window = around(centre - 0.5, width - 1);
      return width > 1 ? window : { ...window, high: window.low + steep * Math.max(1, Math.abs(window.low)) };
    },
    LINEAR_EXACT: (centre, width) => (width > 0 ? around(centre, width) : undefined),
    SIGMOID: (centre, width) => (width > 0 ? { ...around(centre, width), isSigmoid: true } : undefined),
  }),
);

/** A width of 1 means a step: a slope on which no value lies, since it is hardly longer than float32 can tell apart. */
const steep = 2 ** -20;

function around(centre: number, width: number): ValueRange {
  return { low: centre - width / 2, high: centre + width / 2 };
}

/** The first of the windows; none if there is none or it is damaged, which is not worth refusing a picture for. */
export function readVoiWindow(attributes: Attributes): FoundWindow {
  const hasTable = attributes.has("x00283010");
  const centreText = attributes.text("x00281050");
  const widthText = attributes.text("x00281051");
  if (centreText === undefined || widthText === undefined) {
    return { notes: hasTable ? ["its lookup table for display (VOI LUT) is not applied, and it has no window"] : [] };
  }
  const name = attributes.text("x00281056") ?? "LINEAR";
  const window = functions.get(name)?.(Number(centreText), Number(widthText));
  if (!window || !Number.isFinite(window.low) || !Number.isFinite(window.high)) {
    return { notes: [`its window is not used: centre ${centreText}, width ${widthText}, function ${name}`] };
  }
  return { window, notes: hasTable ? ["its lookup table for display (VOI LUT) is not applied, its window is"] : [] };
}
