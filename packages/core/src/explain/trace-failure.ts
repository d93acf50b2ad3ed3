/** Where images stop, and what Keras says there. */
import { type Graph, isOp, type Layer, type Node, nodeOf } from "../graph/graph.js";
import { type KerasShape, kerasShape, showKerasShape } from "../graph/keras-shape.js";
import { toKerasShape } from "../weights/layout.js";

export interface TraceFailure extends Layer {
  /** Of the batch that reaches the layer; `null` is the batch. */
  readonly inputShape: KerasShape;
  readonly expectedChannels: number;
  readonly gotChannels: number;
  /** Of the convolution that refuses, as Keras holds it: (h, w, in, out). */
  readonly kernelShape?: readonly number[];
  /** What Keras says, for a batch of one, after "… is incompatible with the layer: ": the same words in Keras 2 and 3. */
  readonly kerasMessage: string;
}

/**
 * Whether the check of a functional Keras model lets images of `channels` into an input declared for `declared`: it takes
 * a last extent of 1 off either shape, and then compares as many extents as the shorter one has. So one channel passes,
 * two do not. Source: keras 3.15.1, `keras/src/layers/input_spec.py`, `assert_input_compatibility`, for a spec with
 * `allow_last_axis_squeeze`, which `keras/src/models/functional.py` sets for every input; tf_keras 2.21.0 has the same in
 * `engine/`.
 */
export const passesInputCheck = (channels: number, declared: number): boolean =>
  channels === declared || channels === 1 || declared === 1;

/** The refusal of the input check. `shape` is that of the images. */
export function inputFailure(input: Layer, shape: KerasShape, declared: KerasShape): TraceFailure {
  return {
    ...input,
    inputShape: shape,
    expectedChannels: declared.at(-1)!, // the batch comes first
    gotChannels: shape.at(-1)!,
    kerasMessage: `expected shape=${showKerasShape(declared)}, found shape=${showKerasShape(shape, 1)}`,
  };
}

/** The refusal of a layer whose first node is `node`, fed a batch of `shape`. */
export function layerFailure(graph: Graph, node: Node, shape: KerasShape): TraceFailure {
  const expectedChannels = kerasShape(nodeOf(graph, node.inputs[0]!).shape).at(-1)!; // a node that fails reads something
  const received = showKerasShape(shape, 1);
  return {
    ...(node.layer ?? { name: node.name, className: node.op }),
    inputShape: shape,
    expectedChannels,
    gotChannels: shape.at(-1)!,
    ...(isOp(node, "Conv") && {
      kernelShape: toKerasShape("Conv2D", "kernel", nodeOf(graph, node.inputs[1]!).shape as readonly number[]),
    }),
    kerasMessage: `expected axis -1 of input shape to have value ${expectedChannels}, but received input with shape ${received}`,
  };
}
