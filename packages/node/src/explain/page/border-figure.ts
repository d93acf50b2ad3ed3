/** Why zero padding is no gray level: the planes' corner in numbers, and what a plane of ones adds there. */

import { type Html, html } from "../../page/html.js";
import { largestOf, type Plane, valueAt } from "../../page/plane.js";
import { channelName } from "./channel-names.js";
import type { StemPicture } from "./collect-picture.js";
import { numberedTile } from "./kernel-tile.js";
import { showNumber } from "./show-number.js";
import { sumInside, windowOf } from "./stem-windows.js";

/** Pixels along each side of the corner, the border with it. */
const side = 6;

export function borderFigure(picture: StemPicture): Html {
  const { layers, scale, offset, folded, errors } = picture;
  const seen = layers.findLast(({ does }) => does.kind !== "padding")?.planes ?? [];
  const limit = largestOf(seen);
  const zeros = scale.map((a, c) => showNumber(-offset[c]! / a));
  const needsOnes = folded.shape[1] === 2;
  const corners = seen.map((plane, c) => {
    const name = channelName(c, seen.length);
    const label = `Lower right corner of the ${name} plane; its zero border stands for gray ${zeros[c]}`;
    const { values, isBorder } = corner(plane, picture.placement.pads);
    const drawing = numberedTile(values, { kind: "signed", limit }, label, { columns: side, decimals: 2, isBorder });
    return html`<figure>${drawing}
<figcaption><b class="${name}">${name}</b>: a zero is gray <strong>${zeros[c]}</strong></figcaption></figure>`;
  });
  const text = needsOnes
    ? html`<p>Keras pads <em>after</em> it normalizes. A padded zero would be gray ${zeros[0]} for red, ${zeros[1]}
for green and ${zeros[2]} for blue, so no single gray level, put around the image, gives this border. The offsets must
be switched off exactly where the image ends: a second plane of ones, padded with zeros like the gray one, does that.
One bias per filter instead would be wrong by up to <strong>${showNumber(errors.bias)}</strong> along the border.</p>`
    : html`<p>Padding comes after rescaling here too, but a padded zero is gray <strong>${zeros[0]}</strong> in all
three channels. So the folded network first shifts the gray plane by −${zeros[0]}, zero padding is right by itself,
and no plane of ones is needed. One bias per filter on unshifted gray would be wrong by up to
<strong>${showNumber(errors.bias)}</strong> along the border.</p>`;
  return html`${text}<div class="corners">${corners}${needsOnes ? onesFigures(picture) : undefined}</div>`;
}

/** The last pixels of a plane, and the zeros after them. */
function corner(plane: Plane, [, , bottom, right]: StemPicture["placement"]["pads"]) {
  const left = plane.width + right - side;
  const top = plane.height + bottom - side;
  const place = (i: number) => ({ x: left + (i % side), y: top + Math.floor(i / side) });
  const isBorder = (i: number) => place(i).x >= plane.width || place(i).y >= plane.height;
  const values = Array.from({ length: side * side }, (_, i) =>
    isBorder(i) ? 0 : valueAt(plane, place(i).x, place(i).y),
  );
  return { values, isBorder };
}

function onesFigures({ gray, shift, placement, activations }: StemPicture): Html {
  const ones = { ...gray, values: gray.values.map(() => 1) };
  const { values, isBorder } = corner(ones, placement.pads);
  const { filter, three } = activations[0]!;
  const window = windowOf(shift, filter, 0);
  const added = Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [three.width - side + (i % side), three.height - side + Math.floor(i / side)];
    return sumInside(window, y, x, placement);
  });
  const limit = Math.max(...added.map(Math.abs));
  const inside = showNumber(added[0]!);
  const atCorner = showNumber(added.at(-1)!);
  const plane = numberedTile(
    values,
    { kind: "signed", limit: 2 },
    "The same corner of the plane of ones: 1 inside the image, 0 in the border",
    { columns: side, decimals: 0, isBorder },
  );
  const map = numberedTile(
    added,
    { kind: "signed", limit },
    `What the offsets add to filter ${filter}: ${inside} inside, ${atCorner} in the corner`,
    { columns: side, decimals: 2 },
  );
  return html`<figure>${plane}<figcaption><b>plane of ones</b>: off in the border</figcaption></figure><figure>${map}
<figcaption><b>what it adds</b> to filter ${filter}: ${inside} inside, ${atCorner} in the corner</figcaption></figure>`;
}
