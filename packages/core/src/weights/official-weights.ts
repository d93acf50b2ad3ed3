/**
 * Where Keras keeps the ImageNet weights of its fifteen EfficientNets, with the md5 that tells a whole file from a
 * damaged one.
 *
 * Source: Keras 3.15.1, `keras/src/applications/efficientnet.py` and `efficientnet_v2.py`: `BASE_WEIGHTS_PATH`,
 * `WEIGHTS_HASHES` and the file names in the model functions; equal in tf_keras 2.21.0 (Keras 2).
 */

export interface OfficialWeights {
  readonly url: string;
  /** The last part of the address, and the name under which the file is kept. */
  readonly file: string;
  /** 32 hexadecimal digits, lower case. */
  readonly md5: string;
}

const v1Folder = "https://storage.googleapis.com/keras-applications/";
const v2Folder = "https://storage.googleapis.com/tensorflow/keras-applications/efficientnet_v2/";

/** The md5 of the file with the classifier (top) and of the one without. */
const hashes: ReadonlyMap<string, { readonly top: string; readonly notop: string }> = new Map([
  ["efficientnet-b0", { top: "902e53a9f72be733fc0bcb005b3ebbac", notop: "50bc09e76180e00e4465e1a485ddc09d" }],
  ["efficientnet-b1", { top: "1d254153d4ab51201f1646940f018540", notop: "74c4e6b3e1f6a1eea24c589628592432" }],
  ["efficientnet-b2", { top: "b15cce36ff4dcbd00b6dd88e7857a6ad", notop: "111f8e2ac8aa800a7a99e3239f7bfb39" }],
  ["efficientnet-b3", { top: "ffd1fdc53d0ce67064dc6a9c7960ede0", notop: "af6d107764bb5b1abb91932881670226" }],
  ["efficientnet-b4", { top: "18c95ad55216b8f92d7e70b3a046e2fc", notop: "ebc24e6d6c33eaebbd558eafbeedf1ba" }],
  ["efficientnet-b5", { top: "ace28f2a6363774853a83a0b21b9421a", notop: "38879255a25d3c92d5e44e04ae6cec6f" }],
  ["efficientnet-b6", { top: "165f6e37dce68623721b423839de8be5", notop: "9ecce42647a20130c1f39a5d4cb75743" }],
  ["efficientnet-b7", { top: "8c03f828fec3ef71311cd463b6759d99", notop: "cbcfe4450ddf6f3ad90b1b398090fe4a" }],
  ["efficientnet-v2-b0", { top: "21ecbf6da12460d5c40bb2f29ceb2188", notop: "893217f2bb855e2983157299931e43ff" }],
  ["efficientnet-v2-b1", { top: "069f0534ff22adf035c89e2d9547a9dc", notop: "0e80663031ca32d657f9caa404b6ec37" }],
  ["efficientnet-v2-b2", { top: "424e49f28180edbde1e94797771950a7", notop: "1dfe2e7a5d45b6632553a8961ea609eb" }],
  ["efficientnet-v2-b3", { top: "1f1fc43bd98a6e4fd8fdfd551e02c7a0", notop: "f6abf7b5849ac99a89b50dd3fd532856" }],
  ["efficientnet-v2-s", { top: "e1d88a8495beba45748fedd0cecbe016", notop: "af0682fb74e8c54910f2d4393339c070" }],
  ["efficientnet-v2-m", { top: "a3bf6aa3276309f4fc6a34aa114c95cd", notop: "1b8dc055df72dde80d614482840fe342" }],
  ["efficientnet-v2-l", { top: "27e6d408b53c7ebc868fefa357689935", notop: "b0b66b5c863aef5b46e8608fe1711615" }],
]);

/** The models that have official weights: `efficientnet-b0` … `b7`, then `efficientnet-v2-b0` … `b3`, `s`, `m`, `l`. */
export const modelsWithOfficialWeights: readonly string[] = [...hashes.keys()];

/**
 * The ImageNet weights that Keras loads for a model, with or without its classifier; undefined for a model that Keras
 * does not have (the Lite ones) or that does not exist.
 */
export function officialWeights(
  model: string,
  { includeTop }: { readonly includeTop: boolean },
): OfficialWeights | undefined {
  const row = hashes.get(model);
  if (row === undefined) return undefined;
  const folder = model.startsWith("efficientnet-v2-") ? v2Folder : v1Folder;
  const stem = model.replace("efficientnet-", "efficientnet"); // Keras writes efficientnetb0 and efficientnetv2-b0.
  const file = includeTop ? `${stem}.h5` : `${stem}_notop.h5`;
  return { url: folder + file, file, md5: includeTop ? row.top : row.notop };
}
