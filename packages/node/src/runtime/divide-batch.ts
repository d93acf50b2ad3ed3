/** One batch, several sessions: a `Session` that divides each run among others of the same model. */
import { type NamedTensors, type Session, sizeOf, type Tensor } from "@grayling/core";

/**
 * Every input and every output has the batch first. Each run is cut into nearly equal parts, one for each session, so
 * that the cuts depend on nothing but sizes; the rows of an output lie as those of the inputs. Runs may overlap: a session
 * that has done its part goes on with the next run's.
 */
export function divideBatch(sessions: readonly Session[]): Session {
  let runs = 0; // the first part goes to another session each time: of a batch of one there are no more
  return {
    bind: async (inputs) => void (await Promise.all(sessions.map((session) => session.bind(inputs)))),
    run: async (feeds) => {
      const batch = batchOf(feeds);
      const parts = Math.max(1, Math.min(batch, sessions.length));
      const first = runs++;
      const outputs = Array.from({ length: parts }, (_, part) => {
        const session = sessions[(first + part) % sessions.length]!;
        return session.run(rowsOf(feeds, Math.floor((part * batch) / parts), Math.floor(((part + 1) * batch) / parts)));
      });
      return joinRows(await Promise.all(outputs));
    },
    release: async () => void (await Promise.all(sessions.map((session) => session.release()))),
  };
}

function batchOf(feeds: NamedTensors): number {
  const sizes = new Set(Object.values(feeds).map(({ shape }) => shape[0]));
  const [batch] = sizes;
  if (sizes.size === 1 && batch !== undefined) return batch;
  throw new Error(`internal: a batch needs as many rows in every input, got ${[...sizes].join(", ")}`);
}

const rowsOf = (tensors: NamedTensors, start: number, end: number): NamedTensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => {
      const row = sizeOf(shape.slice(1));
      return [name, { shape: [end - start, ...shape.slice(1)], data: data.subarray(start * row, end * row) }];
    }),
  );

function joinRows(parts: readonly NamedTensors[]): NamedTensors {
  if (parts.length === 1) return parts[0]!;
  const names = Object.keys(parts[0]!);
  return Object.fromEntries(names.map((name) => [name, concatenate(parts.map((part) => part[name]!))]));
}

function concatenate(tensors: readonly Tensor[]): Tensor {
  const rows = tensors.reduce((sum, { shape }) => sum + shape[0]!, 0);
  const data = new Float32Array(tensors.reduce((sum, tensor) => sum + tensor.data.length, 0));
  let at = 0;
  for (const tensor of tensors) {
    data.set(tensor.data, at);
    at += tensor.data.length;
  }
  return { shape: [rows, ...tensors[0]!.shape.slice(1)], data };
}
