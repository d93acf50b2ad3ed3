/** Hostile descriptions of models: those of fixtures/keras-config/small-models.json with values put elsewhere, away, or in. */
import { readFileSync } from "node:fs";
import { InputError, WeightsError } from "../errors.js";
import { check } from "../graph/check.js";
import { readKerasConfig } from "../models/keras-config/read-keras-config.js";
import type { SeededRandom } from "../seeded-random.js";
import { parseKerasConfig } from "../weights/keras-config-text.js";
import { decodeUtf8, encodeUtf8 } from "../weights/utf8.js";
import type { FuzzTarget } from "./fuzz.js";
import { oneOf } from "./mutate.js";
import { repositoryFolder } from "./repository-folder.js";

const sound: readonly string[] = JSON.parse(
  readFileSync(repositoryFolder("fixtures", "keras-config", "small-models.json"), "utf8"),
).map(({ config }: { config: unknown }) => JSON.stringify(config));

/** As JSON, so that each use is a value of its own. */
const values = [
  ...["null", "true", "false", "-1", "0", "1", "2", "0.5", "1e9", "1e308", "[]", "{}", "[[]]", "[null]", "[1,2,3]"],
  ...["[[1,2],[3,4]]", '{"__proto__":1}', '""', '"x"', '"__proto__"', '"constructor"', '"same"', '"linear"', '"dense"'],
  ...['"input_layer"', '"Lambda"', '"Conv2D"', '"Sequential"', '"channels_first"', '"mine>Conv2D"', '["dense",0,0,{}]'],
];

type Holder = Record<string, unknown>;

/** Every object and list in a value, with every key in it. */
function placesIn(value: unknown): (readonly [Holder, string])[] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Holder; // lists have keys, too
  return Object.keys(holder).flatMap((key) => [[holder, key] as const, ...placesIn(holder[key])]);
}

function mutate(random: SeededRandom, model: unknown): void {
  const places = placesIn(model);
  if (places.length === 0) return;
  const [holder, key] = oneOf(random, places);
  const [otherHolder, otherKey] = oneOf(random, places);
  const copy = (value: unknown): unknown => JSON.parse(JSON.stringify(value) ?? "null");
  switch (random.integer(5)) {
    case 0:
    case 1:
      holder[key] = JSON.parse(oneOf(random, values));
      return;
    case 2:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      return;
    case 3:
      holder[key] = copy(otherHolder[otherKey]);
      return;
    default:
      if (Array.isArray(holder)) holder.splice(Number(key), 0, copy(oneOf(random, holder)));
      else holder[otherKey] = JSON.parse(oneOf(random, values));
  }
}

export const target: FuzzTarget = {
  make(random) {
    const model: unknown = JSON.parse(oneOf(random, sound));
    for (let n = random.integer(3); n >= 0; n--) mutate(random, model);
    return encodeUtf8(JSON.stringify(model));
  },
  read(bytes) {
    try {
      const { graph } = readKerasConfig(parseKerasConfig(decodeUtf8(bytes), "config.json"));
      check(graph);
      return graph;
    } catch (cause) {
      // A size that is missing is the user's to give.
      if (cause instanceof InputError) throw new WeightsError(cause.message, { cause });
      throw cause;
    }
  },
  readSound: () => readKerasConfig(parseKerasConfig(sound[0]!, "config.json")),
};
