/** How to use the model: programs to be copied, from the folder in which the run's folder lies. */
import { quotePath } from "../quote-word.js";
import { pythonSnippet, typescriptSnippet } from "../snippets.js";
import type { CardContent } from "./card-content.js";
import { codeBlock } from "./markdown.js";

export function useSection({ run: { name, config } }: CardContent): string {
  const python = pythonSnippet(name, config);
  return `## How to use it

On the command line:

${codeBlock("sh", `grayling predict --model ${quotePath(name)} new.png`)}
In TypeScript:

${codeBlock("ts", typescriptSnippet(name))}
In Python, without grayling:

${
  python === undefined
    ? "`model.onnx` reads gray levels made as its metadata say; what makes them so in Python is not shown here.\n"
    : codeBlock("python", python)
}`;
}
