/** Hostile `.weights.h5` files, in Keras 3's own layout. */
import { hdf5Target } from "./hostile-hdf5.js";

export const target = hdf5Target("weights.h5", ["hostile/small.weights.h5", "weights/keras3-nested.weights.h5"]);
