/** File URL of the safetensors file: timm's names for `tf_efficientnet_lite0`, convolutions and classifier in float16. */
export declare const weightsUrl: URL;
/** File URL of a JSON array: the 1,000 ImageNet-1k class names, in the order of the sorted WordNet ids. */
export declare const classNamesUrl: URL;
