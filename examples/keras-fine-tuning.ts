/**
 * The program that grayling grew from, whole: EfficientNetB5 on gray images of 84×112, everything trained. In Keras it reads
 *
 *   base  = EfficientNetB5(include_top=False, weights="imagenet", pooling="max", input_shape=(84, 112, 3))
 *   model = Sequential([base, Flatten(), Dense(9, activation="softmax")])
 *   model.compile(AdamW(1e-4), "categorical_crossentropy", metrics=["accuracy"])
 *   data  = ImageDataGenerator(validation_split=0.2, rotation_range=5, …)
 *   train = data.flow_from_directory(folder, (84, 112), color_mode="grayscale", batch_size=32, subset="training")
 *   val   = data.flow_from_directory(folder, (84, 112), color_mode="grayscale", batch_size=32, subset="validation")
 *   model.fit(train, validation_data=val, epochs=10)
 *
 * Flatten does nothing after a global pool, Dense is the head. What differs: the head begins at its optimum instead of at
 * random, normalizations stay frozen (as Keras' own guide to transfer learning has it), the best epoch is kept, and nothing is kept that is worse
 * than the head alone on the network as it was.
 *
 * Run:  node examples/dist/keras-fine-tuning.js <folder> [imagenet | random | <weight file>]
 */
import { homedir } from "node:os";
import { argv, env, platform } from "node:process";
import { pathToFileURL } from "node:url";
import { cacheFolder, type TrainEvent, type TrainResult, type TrainSettings, watchTraining } from "grayling";

/** Trains on a folder with a subfolder of gray images for each of the nine classes; yields what happens. */
export function fineTuneAsInKeras(
  folder: string,
  settings: Omit<TrainSettings, "onEvent">,
): AsyncGenerator<TrainEvent, TrainResult, void> {
  return watchTraining(folder, {
    model: "efficientnet-b5",
    pooling: "max",
    height: 84,
    width: 112,
    validation: 0.2,
    batch: 32,
    unfreeze: "all",
    optimizer: "adamw",
    learningRate: 1e-4,
    epochs: 10,
    augment: { preset: "light" },
    ...settings,
  });
}

if (import.meta.url === pathToFileURL(argv[1] ?? "").href) {
  const [, , folder, weights = "imagenet"] = argv;
  if (folder === undefined) throw new Error("expected a folder with nine subfolders of gray images");
  const training = fineTuneAsInKeras(folder, { weights, cache: cacheFolder(env, platform, homedir()) });
  let next = await training.next();
  for (; !next.done; next = await training.next()) {
    const { value } = next;
    if (value.kind === "network-progress" && value.progress.kind === "epoch") console.log(value.progress.epoch);
  }
  console.log(`accuracy ${next.value.validation?.metrics.accuracy}; all of it is in ${next.value.folder}`);
}
