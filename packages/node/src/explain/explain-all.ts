/** Every network on one line: whether a gray image passes, where one channel becomes three, and the proof of its fold. */
import { type GrayTrace, grayTrace, type ModelName, type Runtime } from "@grayling/core";
import { buildGraph } from "../backbone/build-graph.js";
import { noisePlane, type PlaneReading, type PlaneSize, readPlane } from "../images/read-plane.js";
import { type FoldProof, proveFold } from "./fold-proof.js";
import { openExplained } from "./open-explained.js";

export interface ExplainAllOptions extends PlaneSize {
  /** Path of an image; default: seeded noise. */
  readonly image?: string | undefined;
  /** Of the image. */
  readonly reading?: PlaneReading | undefined;
  /** As for `openExplained`. */
  readonly weights?: string | undefined;
  readonly seed: number;
  readonly cache?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ExplainedNetwork {
  readonly model: ModelName;
  /** Lite is Google's, and not in Keras. */
  readonly isInKeras: boolean;
  readonly weights: string;
  /** Of one gray image; layers up to the stem. */
  readonly trace: Pick<GrayTrace, "widensAt" | "failure" | "endsAsDeclared">;
  /** Channels that reach the first convolution. */
  readonly channelsAtStem: number;
  readonly proof: FoldProof;
  readonly seconds: number;
}

/** One after the other, because the largest take gigabytes; each is given away as soon as it is done. */
export async function* explainAll(
  runtime: Runtime,
  names: readonly ModelName[],
  { height, width, image, reading, ...options }: ExplainAllOptions,
): AsyncGenerator<ExplainedNetwork> {
  const size = { height, width };
  const plane = image === undefined ? noisePlane(size, options.seed) : await readPlane(image, size, reading);
  for (const name of names) {
    options.signal?.throwIfAborted();
    const started = performance.now();
    const { layers, widensAt, failure, endsAsDeclared } = grayTrace(buildGraph(name, size));
    const { model, source } = await openExplained(name, { ...options, ...size });
    const proof = await proveFold(runtime, model, plane);
    const stem = layers.find(({ className }) => className === "Conv2D");
    yield {
      model: name,
      isInKeras: !name.includes("lite"),
      weights: source,
      trace: { ...(widensAt !== undefined && { widensAt }), ...(failure && { failure }), endsAsDeclared },
      channelsAtStem: failure?.gotChannels ?? stem?.channelsIn ?? 0,
      proof,
      seconds: (performance.now() - started) / 1000,
    };
  }
}
