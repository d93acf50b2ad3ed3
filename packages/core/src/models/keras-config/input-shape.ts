/** The shape of a model's input, where Keras says it, and where the user must. */
import * as v from "valibot";
import { InputError } from "../../errors.js";
import type { Shape } from "../../graph/graph.js";
import { check, type LayerDescription, type ModelDescription, type Options } from "./description.js";
import { refuse, shown } from "./refuse.js";

export interface InputSize {
  /** px; needed where the model leaves it open, else it must be the model's. */
  readonly height?: number;
  /** px; as `height`. */
  readonly width?: number;
}

/** px, features or channels */
const maximumExtent = 2 ** 16;

const Extent = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(maximumExtent));
const Open = v.nullable(Extent);
/** Channels last; the batch first. */
const InputShape = v.union([v.strictTuple([Open, Open, Open, Extent]), v.strictTuple([Open, Extent])]);
const InputOptions = v.object({
  batch_shape: v.optional(v.unknown()),
  batch_input_shape: v.optional(v.unknown()),
  sparse: v.nullish(v.literal(false)),
  ragged: v.nullish(v.literal(false)),
});

/** What the input of a sequential model says: its own layer, its first one, or what it was built for. */
export function sequentialInput(model: ModelDescription): Options {
  const [first] = model.layers;
  if (!first) return refuse(shown(model.name), "no layers");
  if (first.className === "InputLayer" || shapeIn(first.config)) return first.config;
  if (Array.isArray(model.builtFor)) return { batch_shape: model.builtFor };
  if (first.model?.kind === "sequential") return sequentialInput(first.model);
  const input = first.model?.layers.find(({ name }) => name === first.model?.inputs[0]?.layer);
  return (
    input?.config ?? refuse(shown(model.name), "was never built: call it once, or give it an Input, and save it again")
  );
}

const shapeIn = (config: Options): unknown => config["batch_shape"] ?? config["batch_input_shape"];

/** Our shape, [N, C, H, W] or [N, C], and a sentence where the user's size decided it. */
export function inputShape(config: Options, size: InputSize, subject: string): { shape: Shape; note?: string } {
  const options = check(InputOptions, config, subject);
  const declared = shapeIn(options);
  const parsed = v.safeParse(InputShape, declared);
  if (!parsed.success) {
    return refuse(
      subject,
      `expected a shape [batch, height, width, channels] or [batch, features], got ${shown(declared)}`,
    );
  }
  const extents = parsed.output;
  if (extents.length === 2) return { shape: ["N", extents[1]] };
  const [, height, width, channels] = extents;
  const shape = ["N", channels, settled("height", height, size), settled("width", width, size)] as const;
  if (height !== null && width !== null) return { shape };
  return { shape, note: `declared as ${shown(extents)}, without a size: read for ${shape[2]} x ${shape[3]}` };
}

function settled(side: "height" | "width", declared: number | null, size: InputSize): number {
  const wanted = size[side];
  if (wanted !== undefined && !v.is(Extent, wanted)) {
    throw new InputError(`${side} ${wanted}, expected a whole number from 1 to ${maximumExtent}`);
  }
  if (declared === null && wanted === undefined) {
    throw new InputError(`the model is declared without a ${side}: give the height and width of its input`);
  }
  if (declared !== null && wanted !== undefined && declared !== wanted) {
    throw new InputError(`${side} ${wanted}, expected ${declared}, which the model is declared with`);
  }
  return declared ?? wanted!; // one of them is there
}

/** Whether a model has layers of padding that were made before the size was known. */
export function isUnsized({ layers }: ModelDescription): boolean {
  const isOpen = ({ className, config }: LayerDescription) => {
    const shape = shapeIn(config);
    return className === "InputLayer" && Array.isArray(shape) && shape.slice(1, 3).includes(null);
  };
  return layers.some(isOpen) && layers.some(({ className }) => className === "ZeroPadding2D");
}
