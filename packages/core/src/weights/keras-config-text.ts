/** The JSON in Keras' files, which strangers may have written. */
import { WeightsError } from "../errors.js";
import { shortened } from "./quoted.js";

/** characters. The largest EfficientNet's description has about one million. */
const maximumLength = 2 ** 25;
/** Lists and objects in each other; a network has about ten, and each model in a model adds four. */
const maximumDepth = 200;

/**
 * The value of a JSON text; `subject` names it in errors, e.g. `config.json`.
 * Throws `WeightsError` for a text that is not JSON, longer than 32 MB, or nested so deeply that reading it could
 * exhaust the stack.
 */
export function parseKerasConfig(text: string, subject: string): unknown {
  if (text.length > maximumLength) {
    throw new WeightsError(`${subject}: ${text.length} characters, expected at most ${maximumLength}`);
  }
  const depth = depthOf(text);
  if (depth > maximumDepth)
    throw new WeightsError(`${subject}: nested ${depth} deep, expected at most ${maximumDepth}`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WeightsError(`${subject}: not JSON: ${shortened((cause as Error).message)}`, { cause });
  }
}

/** How deep brackets stand in each other, outside of strings. */
function depthOf(text: string): number {
  let [depth, deepest, isString] = [0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (isString) {
      if (character === "\\") i++;
      else if (character === '"') isString = false;
    } else if (character === '"') isString = true;
    else if (character === "[" || character === "{") deepest = Math.max(deepest, ++depth);
    else if (character === "]" || character === "}") depth--;
  }
  return deepest;
}
