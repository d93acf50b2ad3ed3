/**
 * @grayling/core/pictures: what makes planes of decoded pictures, on its own. A thread that only reads pictures loads it in
 * a few milliseconds, where the whole package takes 150 of processor. All of it is in `@grayling/core`, too.
 */
export { applyWindow } from "./data/apply-window.js";
export type { Levels, SampleType, ValueRange } from "./data/levels.js";
export { type Pixels, pixelLevels, type Samples } from "./data/pixel-levels.js";
export { createResize, type Framing } from "./data/resize.js";
export * as webassembly from "./data/webassembly.js";
export { fullWindow, type SettledWindow } from "./data/window.js";
export { InputError } from "./errors.js";
