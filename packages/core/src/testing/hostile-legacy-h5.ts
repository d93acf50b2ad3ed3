/** Hostile `.h5` files, in Keras' older layout. */
import { hdf5Target } from "./hostile-hdf5.js";

export const target = hdf5Target("h5", [
  "weights/legacy-keras2.h5",
  "weights/legacy-keras3-pieces.h5",
  "weights/whole-keras3.h5",
]);
