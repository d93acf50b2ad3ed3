/** grayling for Node: from a folder of gray images per class to a classifier. The graphs themselves are in `@grayling/core`. */
export { type Backbone, type BackboneOptions, imagenetClasses, openBackbone } from "./backbone/open-backbone.js";
export { type OpenedKerasModel, openKerasModel } from "./backbone/open-keras-model.js";
export type { Alike, AlikeOptions, AlikePair } from "./check/alike-pictures.js";
export { type CheckOptions, type CheckReport, checkFolder } from "./check/check-folder.js";
export { fixList } from "./check/fix-list.js";
export { type GroupList, groupList } from "./check/group-list.js";
export { jsonReport } from "./check/json-report.js";
export { checkPage } from "./check/page/check-page.js";
export type { QuickFinding } from "./check/quick-check.js";
export { type ComparedRun, compareRuns, type PairVerdict, type RunComparison } from "./compare/compare-runs.js";
export { comparisonJson } from "./compare/comparison-json.js";
export { type ComparePageOptions, comparePage } from "./compare/page/compare-page.js";
export { type Dataset, type DatasetImage, type SkippedFile, withoutUnreadable } from "./dataset/dataset.js";
export { excludeFiles, readExcludeList } from "./dataset/exclude-files.js";
export { listPages } from "./dataset/list-pages.js";
export { openDataset } from "./dataset/open-dataset.js";
export { type ImageBatch, type ReadOptions, readBatches } from "./dataset/read-batches.js";
export { scanFolder } from "./dataset/scan-folder.js";
export { type Diagnosis, diagnose } from "./doctor/diagnose.js";
export { type CamOverlayOptions, camOverlay, type OverlaidImage } from "./explain-image/cam-overlay.js";
export {
  type ExplainedClass,
  type ExplainedImage,
  type ExplainImagesOptions,
  explainImages,
} from "./explain-image/explain-images.js";
export { type CamMethod, camMethods } from "./explain-image/map-planes.js";
export { type Explainable, type ExplainableOptions, openExplainable } from "./explain-image/open-explainable.js";
export {
  type WriteExplanationsOptions,
  type WrittenExplanations,
  type WrittenImage,
  writeExplanations,
} from "./explain-image/write-explanations.js";
export { type Exported, type ExportOptions, type ExportSource, exportModel } from "./export/export-model.js";
export { type OpenedSource, openSource } from "./export/open-source.js";
export { type ChosenWindow, chooseWindow } from "./features/choose-window.js";
export { type ExtractOptions, extractFeatures, type Features } from "./features/extract-features.js";
export { FeatureCache } from "./features/feature-cache.js";
export { buildTrunk, type Trunk } from "./features/trunk.js";
export { cacheFolder } from "./files/cache-folder.js";
export { writeAtomically } from "./files/write-atomically.js";
export { createDecoder, type DecodedImage, type DecodeGray } from "./images/decode.js";
export { openLevels } from "./images/open-levels.js";
export type { PlaneReading } from "./images/read-plane.js";
export { type Evaluation, evaluate } from "./predict/evaluate.js";
export { type Classifier, type ClassifierOptions, openClassifier } from "./predict/open-classifier.js";
export { type Prediction, type PredictOptions, predict, topClasses } from "./predict/predict.js";
export { makeReport, type ReportOptions } from "./report/make-report.js";
export { type ModelCardOptions, modelCard, modelCardFile } from "./report/model-card.js";
export { writeReport } from "./report/write-report.js";
export {
  type DoubtfulRow,
  type FinishedRun,
  filesOfFolder,
  filesOfMap,
  type MeasuredImage,
  type RunFiles,
  readRun,
} from "./run/finished-run.js";
export { type ModelMetadata, readMetadata, writeMetadata } from "./run/model-metadata.js";
export { type Device, type DeviceRuntime, devices, openRuntime, type RuntimeOptions } from "./runtime/open-runtime.js";
export { OrtRuntime } from "./runtime/ort-runtime.js";
export { type TensorBoardLog, type TensorBoardOptions, tensorBoardLog } from "./tensorboard/tensorboard-log.js";
export { type FoundRate, findLearningRate } from "./train/network/find-learning-rate.js";
export type { PlannedChoice } from "./train/network/measure-training.js";
export { type Plan, planTraining } from "./train/network/plan-training.js";
export { type SplitCheck, splitCheck } from "./train/split-check.js";
export { resumeTraining, type TrainResult, type TrainSettings, train } from "./train/train.js";
export type { OnTrainEvent, TrainEvent } from "./train/train-events.js";
export { type ResolvedOptions, resolveOptions, type TrainOptions } from "./train/train-options.js";
export { watchTraining } from "./train/watch-training.js";
export { type Comparison, type Verification, verify } from "./verify/verify.js";
export { version, versions } from "./version.js";
export { readWeightFile } from "./weights/read-weight-file.js";
