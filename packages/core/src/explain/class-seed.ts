/** Which class of each image a gradient is taken of: a one-hot row per image, made in the graph. */
import type { GraphBuilder } from "../graph/graph.js";

/**
 * Adds the input `input` [N], indices of classes, −1 for that of the image's largest logit, and the node `seed` [N, K], 1 at
 * the class and 0 elsewhere; several largest logits get equal parts. Of `logits` [N, K].
 *
 *   given    relu(1 − (index − k)²), exact for whole numbers
 *   largest  the gradient of a max pooling over the row
 */
export function addClassSeed(
  net: GraphBuilder,
  logits: string,
  { input, seed }: { readonly input: string; readonly seed: string },
): void {
  const classes = net.shape(logits)[1] as number; // logits are [N, K]
  const part = (suffix: string) => `${seed}:${suffix}`;
  const constant = (suffix: string, shape: readonly number[], value_floats: readonly number[]) =>
    net.add("Constant", part(suffix), [], { shape, value_floats });
  const one = constant("one", [1], [1]);
  const zero = constant("zero", [1], [0]);
  net.add("Input", input, [], { shape: ["N"] });
  const index = net.add("Reshape", part("index"), [input], { shape: ["N", 1] });

  const numbers = constant(
    "numbers",
    [1, classes],
    Array.from({ length: classes }, (_, k) => k),
  );
  const apart = net.add("Sub", part("apart"), [index, numbers], {});
  const square = net.add("Mul", part("square"), [apart, apart], {});
  const given = net.add("Relu", part("given"), [net.add("Sub", part("near"), [one, square], {})], {});

  const row = net.add("Reshape", part("row"), [logits], { shape: ["N", 1, 1, classes] });
  const largest = net.add("GlobalMaxPool", part("largest"), [row], {});
  const ones = net.add("OnesPlane", part("ones"), [largest], {});
  const isLargest = net.add("GlobalMaxPoolGrad", part("isLargest"), [row, largest, ones], {});
  const flat = net.add("Flatten", part("flat"), [isLargest], {});
  const negative = net.add("Sub", part("negative"), [zero, index], {});
  const isAsked = net.add("Clip", part("isAsked"), [negative], { min: 0, max: 1 });
  net.add("Add", seed, [given, net.add("Mul", part("predicted"), [flat, isAsked], {})], {});
}
