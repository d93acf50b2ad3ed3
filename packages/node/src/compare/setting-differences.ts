/** In what the trainings of several runs differ. */
import type { FinishedRun } from "../run/finished-run.js";

export interface SettingDifference {
  /** "options.height" is "height", of nested ones `network.unfreeze`. */
  readonly name: string;
  /** One per run; undefined: it does not have it. */
  readonly values: readonly (string | undefined)[];
}

/** In the order in which the runs name them. */
export function settingDifferences(runs: readonly FinishedRun[]): SettingDifference[] {
  const all = runs.map(settingsOf);
  const names = new Set(all.flatMap((settings) => [...settings.keys()]));
  return [...names]
    .map((name) => ({ name, values: all.map((settings) => settings.get(name)) }))
    .filter(({ values }) => new Set(values).size > 1);
}

function settingsOf({ config }: FinishedRun): Map<string, string> {
  const { options, window, weights, trained, dataset, images, versions } = config;
  const settled = { dataset, images, ...options, window, weights, trained, versions };
  return new Map(flatten(settled));
}

/** `{ layers: { epochs: 5 } }` → `["layers.epochs", "5"]`; lists stand in one row. */
function flatten(value: unknown, name = ""): [string, string][] {
  if (value === undefined || value === null) return [];
  if (typeof value !== "object") return [[name, String(value)]];
  if (Array.isArray(value)) return [[name, value.map(showItem).join(", ")]];
  return Object.entries(value).flatMap(([key, own]) => flatten(own, name === "" ? key : `${name}.${key}`));
}

/** Of an object its values, `recall:0.95:crack`, as an option names them. */
const showItem = (item: unknown): string =>
  typeof item === "object" && item !== null ? Object.values(item).map(showItem).join(":") : String(item);
