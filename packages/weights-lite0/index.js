/** Where the weights and the class names of EfficientNet-Lite0 lie. */
export const weightsUrl = new URL("./efficientnet-lite0.safetensors", import.meta.url);
export const classNamesUrl = new URL("./imagenet-classes.json", import.meta.url);
