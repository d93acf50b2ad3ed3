/** HDF5 files made by h5wasm itself, for tests of what a Keras file must not be. */
import { File, ready } from "h5wasm";

/** The bytes of a file that `fill` has filled. */
export async function writeH5(fill: (file: File) => void): Promise<Uint8Array> {
  const { FS } = await ready;
  const file = new File("/made-by-the-test.h5", "w");
  fill(file);
  file.close();
  const bytes = FS.readFile("/made-by-the-test.h5") as Uint8Array;
  FS.unlink("/made-by-the-test.h5");
  return bytes;
}
