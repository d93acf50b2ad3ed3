/** Files that are no use: empty, cut, damaged, of another kind. */
import { counted } from "../../terminal/counted.js";
import type { Check } from "../finding.js";

export const undecodable: Check = {
  name: "undecodable",
  find: ({ files }) => {
    const lost = files.filter(({ picture }) => picture === null);
    if (lost.length === 0) return [];
    const all = lost.length === files.length;
    return [
      {
        severity: all || lost.length > files.length / 100 ? "problem" : "warning",
        title: `${counted(lost.length, "file")} of ${files.length} cannot be decoded`,
        why: "They are left out of training. Empty and cut files come from copies and downloads that broke off, and the pictures are gone.",
        todo: "Copy or export them again, or delete them.",
        groups: lost.map((file) => [
          { file, detail: file.reason ?? "", suggestion: "exclude: cannot be decoded; copy it again" },
        ]),
      },
    ];
  },
};
