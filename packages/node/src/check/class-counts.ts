/** How many readable pictures each class has. */
import { type Inspection, readable, type Stored } from "./inspected-file.js";

/** [classes] */
export function countsByClass(inspection: Inspection<Stored>): number[] {
  const counts = new Array<number>(inspection.classes.length).fill(0);
  for (const { label } of readable(inspection)) if (label !== null) counts[label]!++;
  return counts;
}
