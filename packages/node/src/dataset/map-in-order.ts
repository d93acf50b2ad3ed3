/** Asynchronous work on a list, several at once, with results in the order of the list and bounded read-ahead. */

export interface OrderedOptions {
  readonly concurrency: number; // items worked on at the same time
  readonly ahead: number; // results, done or in the making, that may wait for the consumer
}

/**
 * Yields `work(item, index)` in order. Work goes on while the consumer is busy, until `ahead` results wait. The first
 * error is thrown in its place in the order; then, or when the consumer stops early, nothing new is started and what
 * runs is waited for.
 */
export async function* mapInOrder<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
  { concurrency, ahead }: OrderedOptions,
): AsyncGenerator<Result, void, void> {
  const waiting: Promise<Result>[] = [];
  let next = 0;
  let running = 0;
  const startMore = (): void => {
    while (next < items.length && running < concurrency && waiting.length < ahead) {
      const index = next++;
      running++;
      const result = work(items[index]!, index).finally(() => {
        running--;
        startMore();
      });
      result.catch(() => {}); // reported where it is awaited below; until then it is no unhandled rejection
      waiting.push(result);
    }
  };
  try {
    startMore();
    while (waiting.length > 0) {
      const result = await waiting[0]!;
      waiting.shift();
      startMore();
      yield result;
    }
  } finally {
    next = items.length;
    await Promise.allSettled(waiting);
  }
}
