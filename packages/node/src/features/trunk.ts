/** The frozen part of a network, ready to run on gray images, and the key under which its features are kept. */
import { createHash } from "node:crypto";
import {
  encode,
  type Fit,
  type Framing,
  foldBatchNorm,
  foldGrayscale,
  type Interpolation,
  inference,
  lower,
  type Model,
  nodeOf,
} from "@grayling/core";
import type { Backbone } from "../backbone/open-backbone.js";

export interface Trunk {
  /** 1-channel, BatchNorm folded: [N, 1, H, W], 0–255 → features [N, columns]. */
  readonly model: Model;
  readonly columns: number;
  /** How a file becomes the plane that the network reads; part of the key, since other planes give other features. */
  readonly preprocessing: Framing;
  /** The model as an ONNX file. */
  readonly encoded: Uint8Array;
  /** Changes with weights, structure, size and preprocessing. */
  readonly key: string;
}

/** Rises when decoding or resizing gives other values for the same file, so that cached features are not mixed. */
const decodingVersion = 2;

/** The trunk of a backbone that ends in pooled features. */
export function buildTrunk({ model, height, width }: Backbone, fit: Fit, interpolation?: Interpolation): Trunk {
  const folded = foldBatchNorm(foldGrayscale(model));
  const encoded = encode(lower(folded, inference));
  // The default is left out, so that features from before there was a choice are found.
  const preprocessing = {
    height,
    width,
    fit,
    interpolation: interpolation === "antialias" ? undefined : interpolation,
  };
  const key = createHash("sha256")
    .update(JSON.stringify({ decodingVersion, preprocessing }))
    .update(encoded)
    .digest("hex");
  const columns = nodeOf(folded.graph, folded.graph.outputs[0]!).shape[1] as number; // pooled: [N, columns]
  return { model: folded, columns, preprocessing, encoded, key };
}
