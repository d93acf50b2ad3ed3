/** What DICOM files ask of whoever shows them, and is not done. */
import { counted } from "../../terminal/counted.js";
import type { Check } from "../finding.js";
import { groupBy } from "../group-by.js";
import { readable } from "../inspected-file.js";

export const displayNotes: Check = {
  name: "display-note",
  find: (inspection) => {
    const noted = readable(inspection).filter(({ picture }) => picture.notes !== undefined);
    if (noted.length === 0) return [];
    const byNote = groupBy(noted, ({ picture }) => picture.notes?.join("; ") ?? "");
    return [
      {
        severity: "note",
        title: `${counted(noted.length, "DICOM picture")} not shown quite as ${noted.length === 1 ? "its file asks" : "their files ask"}`,
        why: "The values are right. A station that follows the files may show other grays than --window dicom gives.",
        todo: "Choose a window in the modality's units instead, such as --window p0.1-p99.9 or -1000:400.",
        groups: [...byNote].map(([detail, files]) => files.map((file) => ({ file, detail }))),
      },
    ];
  },
};
