/**
 * The use that grayling grew from. In Keras it reads
 *
 *   base  = EfficientNetB5(include_top=False, pooling="max", input_shape=(84, 112, 3))
 *   data  = ImageDataGenerator(validation_split=0.2).flow_from_directory(folder, color_mode="grayscale",
 *             target_size=(84, 112), batch_size=32, …)
 *   model = Sequential([base, Flatten(), Dense(9, activation="softmax")])
 *   model.fit(data, …)
 *
 * and works on gray images although the network is built for three channels: `Normalization` subtracts a mean of three
 * values, and that broadcasts one channel to three. Here the same is said openly: the network is folded to one channel,
 * exactly. B0 stands for B5, and the base is frozen, so each image goes through it once.
 *
 * Run:  node examples/dist/keras-question.js <folder> [imagenet | random | <weight file>]
 */
import { homedir } from "node:os";
import { argv, env, platform } from "node:process";
import { pathToFileURL } from "node:url";
import { cacheFolder, type TrainResult, type TrainSettings, train } from "grayling";

/** Trains on a folder with a subfolder of gray images for each of the nine classes. */
export function trainAsInKeras(folder: string, settings: TrainSettings): Promise<TrainResult> {
  return train(folder, {
    model: "efficientnet-b0", // include_top=False is a matter of course: the head is our own
    pooling: "max",
    height: 84,
    width: 112,
    validation: 0.2,
    batch: 32,
    head: "flatten dense(9, softmax)",
    optimizer: "adam",
    epochs: 20,
    ...settings,
  });
}

if (import.meta.url === pathToFileURL(argv[1] ?? "").href) {
  const [, , folder, weights = "imagenet"] = argv;
  if (folder === undefined) throw new Error("expected a folder with nine subfolders of gray images");
  const cache = cacheFolder(env, platform, homedir());
  const { validation, folder: run } = await trainAsInKeras(folder, { weights, cache });
  console.log(`accuracy ${validation?.metrics.accuracy} on the validation images; all of it is in ${run}`);
}
