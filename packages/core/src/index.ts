/** @grayling/core: everything that runs anywhere. */

export { applyWindow, forEachRows, valueRange, windowOf } from "./data/apply-window.js";
export { applyAugmentation, augmentPlane } from "./data/augment/apply-augmentation.js";
export { drawAugmentation, drawVariant, type Variant } from "./data/augment/draw-augmentation.js";
export { type FillMode, fillModes } from "./data/augment/fill-modes.js";
export type { GrayPlane } from "./data/augment/gray-plane.js";
export type { AugmentOptions, DrawnAugmentation, DrawnOperation } from "./data/augment/operations.js";
export { type AugmentTexts, parseAugmentation } from "./data/augment/parse-augmentation.js";
export { type PresetName, presetNames, presets } from "./data/augment/presets.js";
export { showAugmentation } from "./data/augment/show-augmentation.js";
export { type GrayRows, luma } from "./data/gray-rows.js";
export { groupedStratifiedFolds } from "./data/grouped-folds.js";
export { groupedStratifiedSplit, type SplitFractions, type SplitSide, splitSides } from "./data/grouped-split.js";
export { Histogram, settleWindow } from "./data/histogram.js";
export { checkInputRange, explainInputRange, type SeenValues, seenTogether } from "./data/input-range.js";
export { type Interpolation, interpolations } from "./data/interpolation.js";
export { type KerasSplit, kerasDatasetSplit, kerasGeneratorSplit } from "./data/keras-split.js";
export {
  type FileWindow,
  isFloat,
  type Levels,
  type SampleType,
  sampleRanges,
  sampleTypes,
  type ValueRange,
} from "./data/levels.js";
export { type PixelLayout, type Pixels, pixelLevels, type Samples } from "./data/pixel-levels.js";
export { checkFraming, createResize, type Fit, type Framing, fits, resize } from "./data/resize.js";
export { type SeenRegion, seenRegions } from "./data/seen-regions.js";
export { stratifiedFolds, stratifiedSplit } from "./data/split.js";
export { peakOf, type RegionMap, spreadMaps } from "./data/spread-maps.js";
export { maxTiles, type PictureSize, type TileGrid, tileGrid } from "./data/tile-grid.js";
export {
  fullWindow,
  type PooledWindow,
  parseSettledWindow,
  parseWindow,
  type SettledWindow,
  showWindow,
  type Window,
} from "./data/window.js";
export { didYouMean } from "./did-you-mean.js";
export { GraphError, InputError, WeightsError } from "./errors.js";
export { calmWeights } from "./explain/calm-weights.js";
export { type ChannelReason, channelReason } from "./explain/channel-reason.js";
export { classMaps } from "./explain/class-maps.js";
export { type HeatColor, heatColor } from "./explain/color-map.js";
export { type MisfitVariable, misfitVariables } from "./explain/declared-channels.js";
export { camNames, type GradCamOptions, type GradCamVariant, gradCam } from "./explain/grad-cam.js";
export { type GrayTrace, type GrayTraceOptions, grayTrace, type TracedLayer } from "./explain/gray-trace.js";
export { type Difference, largestDifference } from "./explain/largest-difference.js";
export { type MapLayer, mapLayer } from "./explain/map-layer.js";
export { type ClassifyPlanes, type OcclusionOptions, occlusion } from "./explain/occlusion.js";
export { stemChange } from "./explain/stem-change.js";
export { summarize } from "./explain/summary.js";
export { summaryTable } from "./explain/summary-table.js";
export type { TraceFailure } from "./explain/trace-failure.js";
export { check } from "./graph/check.js";
export {
  type Extent,
  type Graph,
  GraphBuilder,
  type Layer,
  type Node,
  nodeOf,
  nodesOf,
  type Shape,
} from "./graph/graph.js";
export { type ImageInput, imageInput } from "./graph/image-input.js";
export { type KerasShape, kerasShape, showKerasShape } from "./graph/keras-shape.js";
export { bind, type Model, valuesOf, type Weights, weightOf } from "./graph/model.js";
export type { Op, Ops } from "./graph/ops.js";
export { showShape, sizeOf, type Tensor } from "./graph/tensor.js";
export { halveWeights } from "./lower/half-weights.js";
export { inference } from "./lower/inference.js";
export { type Lowering, lower, type OnnxGraph } from "./lower/lowering.js";
export { bootstrapIntervals, type Interval, type Intervals } from "./measure/bootstrap-intervals.js";
export {
  type ClassThreshold,
  chooseThreshold,
  decideClass,
  parseThresholdGoal,
  type ThresholdGoal,
} from "./measure/class-thresholds.js";
export {
  type ConformalSets,
  conformalSet,
  fitConformalSets,
  measureCoverage,
  type SetCoverage,
} from "./measure/conformal.js";
export { confusionTable } from "./measure/confusion-table.js";
export { type DoubtfulLabel, findDoubtfulLabels } from "./measure/doubtful-labels.js";
export {
  chooseBankRows,
  type FeatureBank,
  type Neighbour,
  nearestRows,
  normalizeRows,
  noveltyThreshold,
} from "./measure/feature-bank.js";
export { groupInterval, type MeanInterval } from "./measure/group-interval.js";
export { holm } from "./measure/holm.js";
export { indexOfLargest } from "./measure/index-of-largest.js";
export { type JudgedImages, judgeImages } from "./measure/judged-images.js";
export { type McNemar, mcnemar } from "./measure/mcnemar.js";
export { type Measured, measureImages } from "./measure/measure-images.js";
export { type ClassMetrics, classificationMetrics, type Metrics } from "./measure/metrics.js";
export {
  type CurvePoint,
  curvePoints,
  type RankAreas,
  type Ranked,
  rankAreas,
  rankScores,
} from "./measure/rank-curves.js";
export { type ReliabilityBin, reliability, reliabilityBins } from "./measure/reliability.js";
export { type ScalarMetrics, scalarMetrics } from "./measure/scalar-metrics.js";
export { fitTemperature, sharpen, type TemperatureOptions } from "./measure/temperature.js";
export { type Convention, conventions } from "./models/conventions.js";
export { type EfficientNetOptions, efficientNet } from "./models/efficientnet.js";
export { type KerasConfigOptions, readKerasConfig } from "./models/keras-config/read-keras-config.js";
export { writeKerasConfig } from "./models/keras-config/write-keras-config.js";
export { imagenetMean, imagenetStd } from "./models/preprocessing.js";
export { defaultResolution, isModelName, kerasModelName, type ModelName, modelNames } from "./models/variants.js";
export { decodeSummary, type OnnxSummary } from "./onnx/decode.js";
export { encode } from "./onnx/encode.js";
export { addNovelty, type NoveltyOptions } from "./passes/add-novelty.js";
export { addPredictionSet } from "./passes/add-prediction-set.js";
export { type Affine, type AffineInput, affineInput } from "./passes/affine-input.js";
export { averageGrayscale } from "./passes/average-grayscale.js";
export { cut, cutGraph } from "./passes/cut.js";
export { differentiate } from "./passes/differentiate.js";
export { foldBatchNorm } from "./passes/fold-batch-norm.js";
export { foldChannels } from "./passes/fold-channels.js";
export { foldGrayscale } from "./passes/fold-grayscale.js";
export { freezeAllBut } from "./passes/freeze.js";
export { gradientRules } from "./passes/gradients.js";
export { join } from "./passes/join.js";
export { renameEnds } from "./passes/rename-ends.js";
export { scaleLogits } from "./passes/scale-logits.js";
export { unfoldBatchNorm } from "./passes/unfold-batch-norm.js";
export { unfoldGrayscale } from "./passes/unfold-grayscale.js";
export { probeBlock } from "./runtime/probe.js";
export type { NamedTensors, Runtime, Session } from "./runtime/session.js";
export { SeededRandom } from "./seeded-random.js";
export { alignColumns, grouped, percent, printable, textWidth } from "./text-table.js";
export { countImages, weightsOfClasses } from "./train/class-weights.js";
export { buildHead } from "./train/layers/build-head.js";
export { fitHead, type TrainedHead } from "./train/layers/fit-head.js";
export { type HeadEpoch, type HeadOptions, type StopSignal, settleOptions } from "./train/layers/head-options.js";
export type { HeadData } from "./train/layers/head-samples.js";
export { type HeadLayer, type HeadSpec, parseHead } from "./train/layers/head-spec.js";
export type { OptimizerName, VariableStep } from "./train/layers/optimizer-rules.js";
export { optimizers } from "./train/layers/optimizers.js";
export { linearHead } from "./train/linear/linear-head.js";
export { fitLogisticRegression, type HeadProgress } from "./train/linear/logistic-regression.js";
export { type RuntimeProducts, runtimeProducts } from "./train/linear/runtime-products.js";
export { baseMemory, estimateMemory, imagesWithin } from "./train/network/estimate-memory.js";
export { evaluateRows } from "./train/network/evaluate-rows.js";
export { type FindRateOptions, findRate, proposeRate, type TriedRate } from "./train/network/find-rate.js";
export { fitNetwork } from "./train/network/fit-network.js";
export type { FitOptions, NetworkRows, Trainer } from "./train/network/fit-options.js";
export type { FitCheckpoint, FitEvent, FitPosition, FitResult, NetworkEpoch } from "./train/network/fit-position.js";
export { layerRates } from "./train/network/layer-rates.js";
export {
  type MovedVariable,
  type Movement,
  moveVariables,
  type OptimizerChoice,
} from "./train/network/move-variables.js";
export {
  NetworkTrainer,
  type StepResult,
  type TrainerState,
  type TrainingBatch,
} from "./train/network/network-trainer.js";
export { type NetworkOptions, type PreparedNetwork, prepareNetwork } from "./train/network/prepare-network.js";
export { type ScheduleName, scheduleNames } from "./train/network/schedules.js";
export { selectLayers, trainedWeights, unfreezeWords, unfreezeWordsOf } from "./train/network/select-layers.js";
export { stepGraph } from "./train/network/step-graph.js";
export type { Kernels, TrainerOptions } from "./train/network/trainer-options.js";
export { hostOfOne, type Moved, type Mover, type TrainingHost } from "./train/network/training-host.js";
export { type AssignOptions, assignWeights } from "./weights/assign-weights.js";
export { type ExpectedWeight, expectedWeights } from "./weights/expected-weights.js";
export { float16Table, toFloat16 } from "./weights/half-floats.js";
export { initialize } from "./weights/initialize.js";
export { readKerasArchive } from "./weights/keras-archive.js";
export { kerasFaults } from "./weights/keras-faults.js";
export { readKerasH5 } from "./weights/keras-h5.js";
export { namingOf } from "./weights/name-tensors.js";
export { modelsWithOfficialWeights, type OfficialWeights, officialWeights } from "./weights/official-weights.js";
export { pytorchModelName } from "./weights/pytorch-model-name.js";
export { type KerasModel, readKerasModel } from "./weights/read-keras-model.js";
export { readSafetensors, writeSafetensors } from "./weights/safetensors.js";
export type { TensorFile } from "./weights/tensor-file.js";
export { layerOfWeight } from "./weights/weight-name.js";
export { kerasFormats } from "./weights/write-keras-model.js";
export { writeKerasNames } from "./weights/write-keras-names.js";
export { type SafetensorsNaming, writeSafetensorsAs } from "./weights/write-safetensors-as.js";
