/** How unlike everything that trained an image is, told by the graph itself. */
import { GraphError } from "../errors.js";
import { GraphBuilder } from "../graph/graph.js";
import { bind, type Model } from "../graph/model.js";
import { showShape, type Tensor } from "../graph/tensor.js";

/** What the output is called. */
export const novelty = "novelty";

const bankName = `${novelty}/bank`;
/** Keeps features that are all 0 from a division by 0; lengths of features are 1 and more. */
const smallestSquare = 1e-12;

export interface NoveltyOptions {
  /** The node of the features [N, columns]. */
  readonly features: string;
  /** Features of images that trained, of unit length, [rows, columns]. */
  readonly bank: Tensor;
  /** The distance that counts as 1; above 0. */
  readonly threshold: number;
}

/**
 * Adds the output `novelty` [N]: (1 − the largest cosine between the image's features and a row of the bank) / threshold. Above 1 the image
 * is unlike those that trained (`noveltyThreshold`). Throws `GraphError` where the features are not as long as the bank's.
 * Source: Sun et al. 2022, Out-of-Distribution Detection with Deep Nearest Neighbors, arXiv:2204.06507, with k = 1.
 */
export function addNovelty({ graph, weights }: Model, { features, bank, threshold }: NoveltyOptions): Model {
  const net = new GraphBuilder();
  for (const node of graph.nodes.values()) net.copy(node);
  const shape = net.shape(features);
  if (shape.length !== 2 || shape[1] !== bank.shape[1]) {
    throw new GraphError(`${novelty}: expected features [N, ${bank.shape[1]}], got ${features} ${showShape(shape)}`);
  }
  const constant = (name: string, value: number) =>
    net.add("Constant", `${novelty}/${name}`, [], { shape: [], value_floats: [value] });
  const squares = net.add("Mul", `${novelty}/squares`, [features, features], {});
  const sum = net.add("ReduceSum", `${novelty}/sum`, [squares], { axes: [1], keepdims: 1 });
  const kept = net.add("Add", `${novelty}/kept`, [sum, constant("smallest", smallestSquare)], {});
  const length = net.add("Sqrt", `${novelty}/length`, [kept], {});
  const unit = net.add("Div", `${novelty}/unit`, [features, length], {});
  const rows = net.add("Weight", bankName, [], { shape: bank.shape, trainable: false });
  const cosines = net.add("Gemm", `${novelty}/cosines`, [unit, rows], { transA: 0, transB: 1 });
  const nearest = net.add("ReduceMax", `${novelty}/nearest`, [cosines], { axes: [1], keepdims: 0 });
  const distance = net.add("Sub", `${novelty}/distance`, [constant("one", 1), nearest], {});
  const rounded = net.add("Clip", `${novelty}/not_below_zero`, [distance], { min: 0, max: 2 }); // float32's cosine may exceed 1
  const output = net.add("Div", novelty, [rounded, constant("threshold", threshold)], {});
  return bind(net.build([...graph.outputs, output]), new Map([...weights, [bankName, bank]]));
}
