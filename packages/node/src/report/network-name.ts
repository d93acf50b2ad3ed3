/** Names of networks as people write them. */

/** "efficientnet-lite0" → "EfficientNet-Lite0", "efficientnet-v2-b0" → "EfficientNetV2-B0" */
export const networkName = (model: string): string =>
  model
    .replace(/^efficientnet-v2-/, "EfficientNetV2-")
    .replace(/^efficientnet-/, "EfficientNet-")
    .replace(/-([a-z])([a-z]*\d?)$/, (_, first: string, rest: string) => `-${first.toUpperCase()}${rest}`);
