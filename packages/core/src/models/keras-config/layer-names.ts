/**
 * Names of layers in the graph: Keras', except where they say nothing but how many models were built before.
 *
 *   input_layer     every model's one input: `input_1`, `input_layer_3`, `efficientnetb0_input`
 *   rescaling, …_1  what rescales, in order: `rescaling_2`, `tf.math.multiply`
 *   normalization   the one with weights: `normalization_1`; `assignWeights` calls it so in files, too
 */
import type { LayerDescription, ModelDescription } from "./description.js";

const rescalingName = /^(rescaling|tf\.(math|__operators__)\.\w+|multiply|true_divide|divide|subtract|add)(_\d+)?$/;
const normalizationName = /^normalization(_\d+)?$/;

export class LayerNames {
  readonly #taken = new Set<string>();
  readonly #hasOneNormalization: boolean;

  constructor(model: ModelDescription) {
    const weighted = layersIn(model).filter(isWeightedNormalization);
    this.#hasOneNormalization = weighted.length === 1;
  }

  /** The name for a layer, which has `weights` or may be called otherwise than in Keras. Undefined if it is taken. */
  take(layer: LayerDescription, weights: boolean): string | undefined {
    const wanted = this.#plainName(layer);
    if (weights && this.#taken.has(wanted)) return undefined;
    let name = wanted;
    for (let n = 1; this.#taken.has(name); n++) name = `${wanted}_${n}`;
    this.#taken.add(name);
    return name;
  }

  #plainName(layer: LayerDescription): string {
    const isArithmetic = layer.className === "TFOpLambda" || layer.module?.startsWith("keras.src.ops.");
    const isRescaling = layer.className === "Rescaling" || isArithmetic;
    if (isRescaling && layer.call?.inputs.length !== 2 && rescalingName.test(layer.name)) return "rescaling";
    return this.#hasOneNormalization && isWeightedNormalization(layer) ? "normalization" : layer.name;
  }
}

const isWeightedNormalization = ({ className, name, config }: LayerDescription): boolean =>
  className === "Normalization" && normalizationName.test(name) && (config["mean"] ?? null) === null;

/** Every layer, also of the models inside. */
export const layersIn = ({ layers }: ModelDescription): LayerDescription[] =>
  layers.flatMap((layer) => (layer.model ? layersIn(layer.model) : [layer]));
