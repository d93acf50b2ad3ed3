/** The blocks of the networks, layer by layer as Keras names them. */
import type { GraphBuilder } from "../graph/graph.js";
import type { Arithmetic } from "./conventions.js";
import { activate, batchNorm, conv, depthwiseConv, globalPool, imageShape, single, strideTwoPads } from "./layers.js";
import type { Family, Stage } from "./variants.js";

/** What every block of a network shares. */
export interface Style {
  readonly family: Family;
  readonly arithmetic: Arithmetic;
}

export interface Block {
  /** Of the names of its layers: `block2a_`. */
  readonly prefix: string;
  /** Scaled; the stride is the block's own. */
  readonly stage: Stage;
  /** Of the residual branch, stochastic depth. */
  readonly dropRate: number;
}

/** Adds a block and returns its output's name. */
export const addBlock = (net: GraphBuilder, input: string, block: Block, style: Style): string =>
  rules[block.stage.block](net, input, block, style);

const rules = { mbconv: mbConv, fused: fusedMbConv } as const;

/** Inverted residual: expand 1×1 → depthwise k×k → squeeze-and-excite → project 1×1 → add the input if shapes agree. */
function mbConv(net: GraphBuilder, input: string, block: Block, style: Style): string {
  const { prefix, stage } = block;
  const { kernel, stride, expand, channels, squeeze } = stage;
  const inputs = imageShape(net, input)[1];
  let x = input;
  if (expand !== 1) {
    x = conv(net, x, `${prefix}expand_conv`, { channels: inputs * expand, kernel: 1 });
    x = normalizeActivate(net, x, `${prefix}expand_`, style);
  }
  x = depthwise(net, x, prefix, { kernel, stride }, style);
  x = normalizeActivate(net, x, prefix, style);
  if (squeeze > 0) x = squeezeExcite(net, x, `${prefix}se_`, Math.max(1, Math.floor(inputs * squeeze)), style);
  x = normalize(net, conv(net, x, `${prefix}project_conv`, { channels, kernel: 1 }), `${prefix}project_`, style);
  return addInput(net, x, input, block);
}

/** One dense k×k convolution in place of expansion and depthwise convolution, then project 1×1 if it expanded. */
function fusedMbConv(net: GraphBuilder, input: string, block: Block, style: Style): string {
  const { prefix, stage } = block;
  const { kernel, stride, expand, channels } = stage;
  const { padding } = style.arithmetic;
  let x = input;
  if (expand === 1) {
    x = conv(net, x, `${prefix}project_conv`, { channels, kernel, stride, padding });
    x = normalizeActivate(net, x, `${prefix}project_`, style);
  } else {
    const expanded = imageShape(net, input)[1] * expand;
    x = conv(net, x, `${prefix}expand_conv`, { channels: expanded, kernel, stride, padding });
    x = normalizeActivate(net, x, `${prefix}expand_`, style);
    x = normalize(net, conv(net, x, `${prefix}project_conv`, { channels, kernel: 1 }), `${prefix}project_`, style);
  }
  return addInput(net, x, input, block);
}

function depthwise(
  net: GraphBuilder,
  input: string,
  prefix: string,
  { kernel, stride }: { readonly kernel: number; readonly stride: number },
  { family, arithmetic: { padding } }: Style,
): string {
  if (family.version === 2) return depthwiseConv(net, input, `${prefix}dwconv2`, { kernel, stride, padding });
  if (stride === 1) return depthwiseConv(net, input, `${prefix}dwconv`, { kernel, stride });
  const padded = padForStrideTwo(net, input, `${prefix}dwconv_pad`, kernel, padding);
  return depthwiseConv(net, padded, `${prefix}dwconv`, { kernel, stride, padding: "valid" });
}

/** V1 pads by a layer of its own before a stride of 2. */
export const padForStrideTwo = (
  net: GraphBuilder,
  x: string,
  name: string,
  kernel: number,
  padding: Arithmetic["padding"],
): string => single(net, "ZeroPadding2D", "Pad", name, [x], { pads: strideTwoPads(net, x, kernel, padding) });

/** The residual connection, where input and output have one shape; none otherwise. */
function addInput(net: GraphBuilder, x: string, input: string, { prefix, stage, dropRate }: Block): string {
  if (stage.stride !== 1 || stage.channels !== imageShape(net, input)[1]) return x;
  const dropped =
    dropRate > 0 ? single(net, "Dropout", "Dropout", `${prefix}drop`, [x], { rate: dropRate, noise: "sample" }) : x;
  return single(net, "Add", "Add", `${prefix}add`, [dropped, input], {});
}

/** Multiplies each channel by a gate in (0, 1), computed from all channel means through `squeezed` units. */
function squeezeExcite(net: GraphBuilder, x: string, prefix: string, squeezed: number, { family }: Style): string {
  const channels = imageShape(net, x)[1];
  const { activation } = family;
  let gate = globalPool(net, x, `${prefix}squeeze`, "avg");
  gate = single(net, "Reshape", "Reshape", `${prefix}reshape`, [gate], { shape: ["N", channels, 1, 1] });
  gate = conv(net, gate, `${prefix}reduce`, { channels: squeezed, kernel: 1, bias: true, activation });
  gate = conv(net, gate, `${prefix}expand`, { channels, kernel: 1, bias: true, activation: { op: "Sigmoid" } });
  return single(net, "Multiply", "Mul", `${prefix}excite`, [x, gate], {});
}

const normalize = (net: GraphBuilder, x: string, prefix: string, { arithmetic }: Style): string =>
  batchNorm(net, x, `${prefix}bn`, arithmetic.batchNorm);

/** `…bn`, then `…activation`. */
export function normalizeActivate(net: GraphBuilder, x: string, prefix: string, style: Style): string {
  const name = `${prefix}activation`;
  const normalized = normalize(net, x, prefix, style);
  return net.within({ name, className: "Activation" }, () => activate(net, normalized, name, style.family.activation));
}
