/** The gray image on its way to the stem: every layer's planes, left to right, with arrows between. */

import { type Html, html } from "../../page/html.js";
import { largestOf, type Plane, rangeOf, valueAt } from "../../page/plane.js";
import type { Scale } from "../../page/plane-image.js";
import { arrow } from "./arrow.js";
import { channelName } from "./channel-names.js";
import type { PreparedLayer, StemPicture } from "./collect-picture.js";
import { legend, planeFigure } from "./plane-figure.js";
import { showNumber, showRange } from "./show-number.js";

export function journeyFigure(picture: StemPicture): Html {
  const { gray, layers, refusal, stem, placement } = picture;
  const signed: Scale = { kind: "signed", limit: largestOf(layers.filter(isSigned).flatMap(({ planes }) => planes)) };
  const inOrder = [gray, ...layers.map(({ planes }) => planes)].map((planes) => [planes].flat());
  const counts = inOrder.map(({ length }) => length);
  const steps = layers.map((layer, i) => html`${arrow(counts[i]!, counts[i + 1]!)}${layerStep(layer, signed, gray)}`);
  const end = refusal
    ? html`${arrow(1, 1, true)}${refusalStep(picture)}`
    : html`${arrow(counts.at(-1)!, 1)}${stemStep(picture)}`;
  const isTriple = layers.some(({ planes }) => planes.length === 3);
  const order = isTriple ? "Three planes together are red, green and blue, in this order. " : "";
  const isPadded = layers.some(({ does }) => does.kind === "padding");
  const padding = isPadded ? "" : `${stem} pads by itself: ${showPads(placement.pads)} px.`;
  return html`<div class="journey columns-${layers.length + 2}">${imageStep(gray)}${steps}${end}</div>
<div class="legends">${legend(grayLevels, layers.every(isSigned) ? "gray levels" : "gray levels; divided by 255, white is 1")}
${isAnySigned(layers) ? legend(signed, "signed values, one scale for all layers before the stem") : ""}</div>
<p class="note">${order}${padding}</p>`;
}

const grayLevels: Scale = { kind: "gray", black: 0, white: 255 };

function imageStep(gray: Plane): Html {
  const { x, y } = middleOf(gray);
  const mark = { x: (x + 0.5) / gray.width, y: (y + 0.5) / gray.height };
  const alt = `Your image as one gray plane, ${gray.width} × ${gray.height}, levels ${showRange(rangeOf(gray))}`;
  return html`<div class="step single"><div class="planes">${planeFigure(gray, grayLevels, alt, mark)}</div>
<div class="caption"><h3>your image</h3><p class="does">One gray plane; the ring marks the pixel that is followed</p>
<p class="shape">${showShape([gray])}</p>${numbers([gray], gray)}</div></div>`;
}

function stemStep({ stem, activations, kernel }: StemPicture): Html {
  const { filter, three } = activations[0]!;
  const filters = kernel.shape[0]!;
  const alt = `Filter ${filter} of ${stem}: ${showRange(rangeOf(three))}`;
  const picture = planeFigure(three, { kind: "signed", limit: largestOf([three]) }, alt);
  return html`<div class="step single"><div class="planes">${picture}</div><div class="caption"><h3>${stem}</h3>
<p class="does">${filters} filters, 3 × 3, every second pixel; all three planes go into each. Here: filter ${filter}</p>
<p class="shape">${showShape([three], filters)}</p><p class="numbers">${showRange(rangeOf(three))}</p></div></div>`;
}

const isSigned = ({ planes }: PreparedLayer) => planes.some((plane) => rangeOf(plane).min < 0);
const isAnySigned = (layers: readonly PreparedLayer[]) => layers.some(isSigned);
const middleOf = ({ width, height }: Plane) => ({ x: Math.floor(width / 2), y: Math.floor(height / 2) });

function layerStep(layer: PreparedLayer, signed: Scale, gray: Plane): Html {
  const { name, className, planes } = layer;
  const scale: Scale = isSigned(layer) ? signed : { kind: "gray", black: 0, white: 1 };
  const pictures = planes.map((plane, c) => {
    const alt = `${channelName(c, planes.length)} plane after ${name}: ${showRange(rangeOf(plane))}`;
    return planeFigure(plane, scale, alt);
  });
  return html`<div class="step ${planes.length === 1 ? "single" : "triple"}"><div class="planes">${pictures}</div>
<div class="caption"><h3>${name}</h3><p class="class">${className}</p><p class="does">${whatItDoes(layer)}</p>
<p class="shape">${showShape(planes)}</p>${numbers(planes, gray, layer.does.kind === "padding" ? layer.does.pads : [0, 0])}</div></div>`;
}

/** Range and sample pixel of each plane; padding moves the pixel. */
function numbers(planes: readonly Plane[], gray: Plane, [top, left]: readonly number[] = [0, 0]): Html {
  const { x, y } = middleOf(gray);
  const rows = planes.map((plane, c) => {
    const name = channelName(c, planes.length);
    const value = showNumber(valueAt(plane, x + left!, y + top!));
    const short = planes.length === 1 ? name : name.charAt(0).toUpperCase();
    return html`<tr><th scope="row" class="${name}"><abbr title="${name}">${short}</abbr></th>
<td>${showRange(rangeOf(plane))}</td><td class="pixel">${value}</td></tr>`;
  });
  return html`<table class="numbers"><thead><tr><td></td><th scope="col">range</th><th scope="col">pixel</th></tr>
</thead><tbody>${rows}</tbody></table>`;
}

function whatItDoes({ does, planes }: PreparedLayer): string {
  if (does.kind === "padding") return `zeros around: ${showPads(does.pads)} px`;
  if (does.kind === "normalization") return "(x − mean) ÷ √variance: one plane meets three means";
  const [scale, offset] = [does.scale[0]!, does.offset[0]!];
  if (does.scale.length > 1) return `x × 1/√std: ${does.scale.map(showNumber).join(", ")}`;
  const shift = offset === 0 ? "" : ` ${offset < 0 ? "−" : "+"} ${showNumber(Math.abs(offset))}`;
  return `x ÷ ${showNumber(1 / scale)}${shift}${planes.length === 1 ? "; still one plane" : ""}`;
}

const showPads = ([top, left, bottom, right]: readonly number[]) =>
  `top ${top}, left ${left}, bottom ${bottom}, right ${right}`;

const showShape = (planes: readonly Plane[], channels = planes.length) =>
  `${planes[0]!.height} × ${planes[0]!.width} × ${channels}`;

/** Three slots, of which one plane fills one. */
function refusalStep({ stem, refusal, kernel }: StemPicture): Html {
  return html`<div class="step triple refused">
<div class="planes"><span class="slot filled">the
plane</span><span class="slot">missing</span><span class="slot">missing</span></div><div class="caption">
<h3>${stem}</h3><p class="does">Its ${kernel.shape[0]!} filters each read three planes, and one arrives</p>
<p class="error">${refusal}</p></div></div>`;
}
