/** Whether probabilities mean what they say: of the images called a class with 80 %, 80 % are to be of it. */

/** Bins of equal width, as in Guo et al. */
export const reliabilityBins = 15;

export interface ReliabilityBin {
  /** The bin holds confidences above `low`, up to `high`. */
  readonly low: number;
  readonly high: number;
  readonly images: number;
  /** Mean probability of the class that was predicted; 0 for an empty bin. */
  readonly confidence: number;
  /** The part that was predicted rightly; 0 for an empty bin. */
  readonly accuracy: number;
}

/** The bin of a confidence: (low, high], and 0 in the first. */
export const reliabilityBinOf = (confidence: number): number =>
  Math.min(reliabilityBins - 1, Math.max(0, Math.ceil(confidence * reliabilityBins) - 1));

/**
 * The reliability diagram of `confidence` [n], the largest probability of each image, and whether it `isRight` [n].
 * Source: Guo et al. 2017, On Calibration of Modern Neural Networks, arXiv:1706.04599, section 2.
 */
export function reliability(confidence: Float64Array, isRight: Uint8Array): ReliabilityBin[] {
  const sums = Array.from({ length: reliabilityBins }, () => ({ images: 0, confidence: 0, right: 0 }));
  for (let i = 0; i < confidence.length; i++) {
    const bin = sums[reliabilityBinOf(confidence[i]!)]!;
    bin.images++;
    bin.confidence += confidence[i]!;
    bin.right += isRight[i]!;
  }
  return sums.map(({ images, confidence, right }, bin) => ({
    low: bin / reliabilityBins,
    high: (bin + 1) / reliabilityBins,
    images,
    confidence: images === 0 ? 0 : confidence / images,
    accuracy: images === 0 ? 0 : right / images,
  }));
}
