/** Errors by who must act: the program, the file's owner, the user. A broken invariant of ours is a plain `Error("internal: …")`. */

/** A graph that cannot be built or rewritten as asked: `node (Op): what is wrong, expected …, got …`. */
export class GraphError extends Error {
  override name = "GraphError";
}

/** A weight file that does not hold what the model needs: names the layer, what was expected and what came. */
export class WeightsError extends Error {
  override name = "WeightsError";
}

/** Wrong input from the user (a flag, a path, a folder). The command line ends with exit code 2. */
export class InputError extends Error {
  override name = "InputError";
}
