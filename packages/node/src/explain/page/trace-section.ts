/** Every layer that the images pass, with shapes and channels, and where they stop. */
import { type GrayTrace, showKerasShape, type TracedLayer } from "@grayling/core";
import { type Html, html } from "../../page/html.js";

export function traceSection({ layers, widensAt, failure }: GrayTrace): Html {
  const count = `${layers.length} layer${layers.length === 1 ? "" : "s"}`;
  const end = failure && `, then ${failure.name} refuses`;
  const stop =
    failure &&
    html`<tr class="stop"><th scope="row">${failure.name}</th><td>${failure.className}</td><td>refuses</td>
<td>${showKerasShape(failure.inputShape)} reaches it</td>
<td>${failure.gotChannels} instead of ${failure.expectedChannels}</td></tr>`;
  return html`<details><summary>Layer by layer: ${count}${end}</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Trace of all layers"><table class="trace"><thead><tr>
<th scope="col">layer</th><th scope="col">class</th><th scope="col">output here</th><th scope="col">as declared</th>
<th scope="col">channels</th></tr></thead>
<tbody>${layers.map((layer) => row(layer, layer.name === widensAt))}${stop}</tbody></table></div></details>`;
}

function row(layer: TracedLayer, isWidening: boolean): Html {
  const { name, className, outputShape, declaredShape, channelsIn, channelsOut } = layer;
  const channels =
    channelsIn === undefined || channelsIn === channelsOut ? channelsOut : `${channelsIn} → ${channelsOut}`;
  return html`<tr class="${isWidening ? "widening" : ""}"><th scope="row">${name}</th><td>${className}</td>
<td>${showKerasShape(outputShape)}</td><td>${showKerasShape(declaredShape)}</td><td>${channels}</td></tr>`;
}
