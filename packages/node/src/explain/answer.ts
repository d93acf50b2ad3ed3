/** The answer in words: what becomes of the images, why, why nothing stops them, and what to do. For terminal and page. */
import type { GrayTrace, MisfitVariable, ModelName, TracedLayer } from "@grayling/core";
import type { Explanation } from "./explain.js";

type Explained = Pick<Explanation, "model" | "trace" | "convention" | "misfits">;

/** "EfficientNetB5", "EfficientNetV2S", as Keras calls its functions; "EfficientNet-Lite0" is not Keras'. */
export function displayName(model: ModelName): string {
  if (isLite(model)) return model.replace("efficientnet-lite", "EfficientNet-Lite");
  return model
    .replace("efficientnet-", "EfficientNet")
    .replace("v2-", "V2")
    .replace(/[bsml]\d?$/, (size) => size.toUpperCase());
}

/** Lite is Google's, and not in Keras. */
export const isLite = (model: ModelName): boolean => model.includes("lite");

/** The layer where one channel becomes as many as were declared. */
export const wideningOf = ({ layers, widensAt }: GrayTrace): TracedLayer | undefined =>
  layers.find(({ name }) => name === widensAt);

/** One sentence, or two. */
export function shortAnswer({ model, trace }: Explained): string {
  const { channels, declaredChannels, widensAt, failure } = trace;
  const built = `${displayName(model)}, built for ${counted(declaredChannels)},`;
  const images = `${channels}-channel images`;
  if (failure) {
    const { name, kernelShape, expectedChannels } = failure;
    const why = kernelShape ? `: its kernel ${tuple(kernelShape)} needs ${counted(expectedChannels)}` : "";
    const before = kernelShape && channels === 1 ? " Nothing before it makes more channels of one." : "";
    return `${built} refuses ${images} at ${name}${why}.${before}`;
  }
  if (widensAt === undefined) return `${built} takes ${images}: they are what it was built for.`;
  return (
    `${built} takes ${images} because ${widensAt} broadcasts: one channel minus ${declaredChannels} means is ` +
    `${declaredChannels} channels. From there on, everything is as declared.`
  );
}

/** The rule by which one channel becomes several, after the shapes have been shown. */
export const broadcastingInWords = ({ channelsIn, channelsOut }: TracedLayer): string =>
  `Where an axis has ${channelsIn} on one side and ${channelsOut} on the other, broadcasting repeats the ${channelsIn}. The same gray plane ` +
  `meets each mean and becomes ${channelsOut} planes: exactly what happens to an image given ${channelsOut} times.`;

/** Why the input lets them in, or not; undefined where there is no mismatch. */
export function inputCheckInWords({ channels, declaredChannels, layers }: GrayTrace): string | undefined {
  if (channels === declaredChannels) return undefined;
  if (layers.length === 1) {
    return "Keras compares all extents of a batch with those that were declared, unless the last one is 1.";
  }
  return (
    `Before it compares shapes, the input check of a functional Keras model takes a last extent of 1 off the ${channels === 1 ? "batch's" : "declared"} shape ` +
    "(allow_last_axis_squeeze in input_spec.py; Keras 2 and 3): the number of channels is never looked at. An open " +
    "change, keras pull request 23184, takes it off only where the ranks differ. With it, these images are refused at the input."
  );
}

/** What Keras' version has to do with it; undefined for a network that Keras does not have. */
export function kerasInWords({ model, trace, convention }: Explained): string | undefined {
  if (isLite(model)) return "EfficientNet-Lite is Google's and not in Keras; this is what the same layers do there.";
  if (convention !== "keras" || trace.declaredChannels !== 3 || trace.channels !== 1) return undefined;
  const hasRescaling = trace.layers.some(({ name }) => name === "rescaling_1");
  const names = hasRescaling
    ? " What Keras 3 calls rescaling_1 is tf.math.multiply in Keras 2.21, and was tf.math.truediv in 2022."
    : "";
  return `The same in Keras 2.21 and 3.15, with ImageNet weights or none; this trace is tested against both.${names}`;
}

/** Something to do, and the command for it, if there is one. */
export interface Advice {
  readonly text: string;
  readonly command?: string;
}

/** What to do, most useful first. */
export function advice({ model, trace, misfits }: Explained): Advice[] {
  const { failure, widensAt, declaredChannels, height, width } = trace;
  const command = `grayling export ${model} --input ${height}x${width}x1 --out ${model}-gray.onnx`;
  if (declaredChannels !== 3) {
    return [
      { text: "Declare it for 3 channels, load the weights, and fold it to one channel, exactly:", command },
      {
        text: `Do not load weights for 3 channels into this one: ${misfitsInWords(misfits)}.${otherPreprocessing(model)}`,
      },
    ];
  }
  const repeat = "np.repeat(x, 3, axis=-1)".replaceAll(" ", noBreak);
  const asItIs = `Or go on as you are: the output is, to the last bit, that for the plane given three times. ${repeat} gives the same and does not depend on broadcasting.`;
  return [
    { text: "Declare it for 3 channels and fold it to one, exactly:", command },
    ...(failure ? [{ text: `Or give it the plane three times: ${repeat}.` }] : []),
    ...(widensAt === undefined ? [] : [{ text: asItIs }]),
    {
      text: `Never declare it for 1 channel to load weights for 3, they do not fit: ${misfitsInWords(misfits)}.${otherPreprocessing(model)}`,
    },
  ];
}

const otherPreprocessing = (model: ModelName) =>
  /v2-b/.test(model)
    ? " And Keras prepares a V2 B0–B3 that is declared for 1 channel otherwise: x / 128 − 1, without the means."
    : "";

const misfitsInWords = (misfits: readonly MisfitVariable[]) =>
  misfits
    .map(({ name, declaredShape, weightsShape }) => `${name} ${tuple(weightsShape)} into ${tuple(declaredShape)}`)
    .join(", ");

const counted = (channels: number) => `${channels} channel${channels === 1 ? "" : "s"}`;

/** Keeps a shape on one line where text is broken. */
const noBreak = "\u00a0";

/** As Python writes one; with no-break spaces. */
export const tuple = (extents: readonly number[]): string =>
  `(${extents.join(`,${noBreak}`)}${extents.length === 1 ? "," : ""})`;

/** Up to six significant digits: float32, without the digits that only float64 sees. */
export const shortest = (value: number): string => String(Number(value.toPrecision(6)));
