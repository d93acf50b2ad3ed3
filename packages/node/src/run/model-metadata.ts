/** What a model file says about itself, in ONNX's metadata: enough to predict with it, in grayling or anywhere else. */
import {
  type Framing,
  fits,
  fullWindow,
  InputError,
  interpolations,
  type OnnxSummary,
  parseSettledWindow,
  type SampleType,
  type SettledWindow,
  sampleTypes,
  showShape,
  showWindow,
} from "@grayling/core";
import * as v from "valibot";
import { ModelJudgement, notJudged } from "./model-judgement.js";

const Json = <S extends v.GenericSchema>(schema: S) =>
  v.pipe(
    v.string(),
    v.rawTransform(({ dataset, addIssue, NEVER }): unknown => {
      try {
        return JSON.parse(dataset.value);
      } catch {
        addIssue({ message: "is not JSON" });
        return NEVER;
      }
    }),
    schema,
  );

const Preprocessing = v.object({
  height: v.pipe(v.number(), v.integer(), v.minValue(1)), // px
  width: v.pipe(v.number(), v.integer(), v.minValue(1)), // px
  fit: v.picklist(fits),
  /** Absent: antialias, the only one of models from before there was a choice. */
  interpolation: v.optional(v.picklist(interpolations)),
  /** Which values of a file are black and white, in its own units; of models from before there were windows: full. */
  window: v.pipe(
    v.optional(v.string(), "full"),
    v.rawTransform(({ dataset, addIssue, NEVER }): SettledWindow => {
      try {
        return parseSettledWindow(dataset.value);
      } catch (error) {
        addIssue({ message: (error as Error).message });
        return NEVER;
      }
    }),
  ),
  /** How the samples of the images that trained are stored; absent: not known. */
  samples: v.optional(v.array(v.picklist(sampleTypes))),
});

export interface ModelPreprocessing extends Framing {
  /** Default full. */
  readonly window?: SettledWindow | undefined;
  /** How the samples of the images that trained are stored; default: not known. */
  readonly samples?: readonly SampleType[] | undefined;
}

const Metadata = v.object({
  "grayling.version": v.string(),
  backbone: v.string(),
  weights: v.string(),
  head: v.string(),
  /** JSON array of names, in the order of the output. */
  classes: Json(v.pipe(v.array(v.string()), v.minLength(2))),
  /** JSON object: how a file becomes the input plane. */
  preprocessing: Json(Preprocessing),
  input: v.string(),
  /** JSON object; of models from before they were judged: none. */
  judgement: v.optional(Json(ModelJudgement)),
});

export interface ModelMetadata {
  readonly version: string;
  readonly backbone: string;
  readonly weights: string;
  readonly head: string;
  readonly classes: readonly string[];
  readonly preprocessing: ModelPreprocessing;
  readonly judgement: ModelJudgement;
}

/** What every classifier calls its input and its output. */
export const classifierEnds = { input: "input_layer", output: "predictions" } as const;

/** For a classifier that knows no names of its classes. */
export const numberedClasses = (count: number): string[] => Array.from({ length: count }, (_, i) => `class ${i}`);

/** Said to those who open the file elsewhere. */
export const describeInput = (channels: number): string =>
  `float32 [N, ${channels}, height, width], ${channels === 1 ? "gray levels" : "values"} 0-255 (the files' values by preprocessing.window); the network does the rest`;

export const writeMetadata = (metadata: ModelMetadata): Record<string, string> => ({
  "grayling.version": metadata.version,
  backbone: metadata.backbone,
  weights: metadata.weights,
  head: metadata.head,
  classes: JSON.stringify(metadata.classes),
  preprocessing: writePreprocessing(metadata.preprocessing),
  input: describeInput(1),
  judgement: JSON.stringify(metadata.judgement),
});

const writePreprocessing = ({ window = fullWindow, ...preprocessing }: ModelPreprocessing): string => {
  const { height, width, fit, interpolation, samples } = preprocessing;
  return JSON.stringify({ height, width, fit, interpolation, window: showWindow(window), samples });
};

/** Throws `InputError` for an ONNX file that grayling did not train, or whose graph does not fit its metadata. */
export function readMetadata({ metadata, inputs, outputs }: OnnxSummary, source: string): ModelMetadata {
  const parsed = v.safeParse(Metadata, metadata);
  if (!parsed.success) {
    const { message } = parsed.issues[0];
    const key = v.getDotPath(parsed.issues[0]);
    if (!("classes" in metadata)) {
      throw new InputError(
        `${source}: not a classifier that grayling trained: it names no classes, as a bare network does not`,
      );
    }
    throw new InputError(`${source}: not a classifier that grayling trained (metadata ${key}: ${message})`);
  }
  const channels = inputs[0]?.shape[1];
  if (typeof channels === "number" && channels > 1) {
    throw new InputError(`${source}: reads ${channels} channels, expected 1: export it for gray, --input <H>x<W>x1`);
  }
  const { classes, preprocessing, backbone, weights, head, judgement = notJudged } = parsed.output;
  const { height, width } = preprocessing;
  const expected = showEnds([
    { name: classifierEnds.input, shape: ["N", 1, height, width] },
    { name: classifierEnds.output, shape: ["N", classes.length] },
    ...(judgement.sets ? [{ name: "set", shape: ["N", classes.length] } as const] : []),
    ...(judgement.unknown ? [{ name: "novelty", shape: ["N"] } as const] : []),
  ]);
  const got = showEnds([...inputs, ...outputs]);
  if (expected !== got) throw new InputError(`${source}: damaged, expected ${expected}, got ${got}`);
  return { version: parsed.output["grayling.version"], backbone, weights, head, classes, preprocessing, judgement };
}

/** `input_layer [N, 1, 224, 224], predictions [N, 9]` */
const showEnds = (values: OnnxSummary["inputs"]) =>
  values.map(({ name, shape }) => `${name} ${showShape(shape)}`).join(", ");
