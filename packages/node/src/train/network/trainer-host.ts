/** Variables that two threads move: they lie in shared memory, and a second thread takes half of each update. */
import { Worker } from "node:worker_threads";
import { hostOfOne, type Moved, moveVariables, type TrainingHost } from "@grayling/core";
import { type MoveRequest, ownBuffers, type SecondShare } from "./trainer-second-messages.js";

/** Fewer values are moved before the second thread has heard of them. */
const leastValues = 200_000;

/** In the calling thread and another one. Each variable is moved by one of them, in the same arithmetic: results are the same bytes. */
export const hostOfTwo: TrainingHost = {
  allocate: (length) => new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT)),

  async open(variables, choice) {
    const sizes = variables.map(({ values }) => values.length);
    if (sizes.reduce((sum, size) => sum + size, 0) < leastValues) return hostOfOne.open(variables, choice);
    const isTheirs = halves(sizes);
    const own = variables.filter((_, i) => !isTheirs[i]);
    const theirs = variables.filter((_, i) => isTheirs[i]);
    const second = new SecondThread({ variables: theirs, choice });
    return {
      async move(steps, movement) {
        const theirSteps = steps.filter((_, i) => isTheirs[i]);
        const ownSteps = steps.filter((_, i) => !isTheirs[i]);
        const asked = second.move({ steps: theirSteps, movement });
        const squares = moveVariables(own, ownSteps, choice, movement);
        const there = await asked;
        const here = { squares, published: ownSteps.map(({ published }) => published) };
        return {
          squares: merged(isTheirs, here.squares, there.squares),
          published: merged(isTheirs, here.published, there.published),
        };
      },
      close: () => second.close(),
    };
  },
};

/** For each size whether it goes to the second of two sides, which are about as large: the largest first, each to the smaller side. */
function halves(sizes: readonly number[]): readonly boolean[] {
  const isSecond = sizes.map(() => false);
  let [first, second] = [0, 0];
  for (const [i, size] of [...sizes.entries()].sort(([, a], [, b]) => b - a)) {
    if (second < first) [isSecond[i], second] = [true, second + size];
    else first += size;
  }
  return isSecond;
}

/** The inverse of splitting by `isSecond`. */
function merged<T>(isSecond: readonly boolean[], first: readonly T[], second: readonly T[]): T[] {
  let [a, b] = [0, 0];
  return isSecond.map((side) => (side ? second[b++]! : first[a++]!));
}

/** One update at a time. */
class SecondThread {
  readonly #worker: Worker;
  #waiting: { resolve: (moved: Moved) => void; reject: (error: Error) => void } | undefined;
  #gone: Error | undefined;

  constructor(share: SecondShare) {
    this.#worker = new Worker(new URL("./trainer-second-worker.js", import.meta.url), {
      execArgv: [],
      workerData: share,
    });
    this.#worker.on("message", (moved: Moved) => this.#waiting?.resolve(moved));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(new Error("the second thread of the training has ended")));
  }

  move(request: MoveRequest): Promise<Moved> {
    if (this.#gone) return Promise.reject(this.#gone);
    const arrays = request.steps.flatMap(({ gradient, published }) => [gradient, published]);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#worker.postMessage(request, ownBuffers(arrays));
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(error: Error): void {
    this.#gone ??= error;
    this.#waiting?.reject(this.#gone);
  }
}
