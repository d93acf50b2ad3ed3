/**
 * What HDF5 complains about. h5wasm ignores the status of a read and lets HDF5 print its errors to the standard error
 * stream, so that stream is the only place where a half-read tensor shows.
 */

/** One of Emscripten's terminals, as `libtty.js` of Emscripten 4.0 has it. */
interface Terminal {
  ops: { get_char?(): number | null; put_char?(terminal: Terminal, char: number): void; fsync?(): void };
}

interface Stream {
  readonly path?: string;
  readonly tty?: Terminal;
}

/** What is used of Emscripten's file system, `libfs.js` of Emscripten 4.0; h5wasm's types are of an older one. */
export interface FileSystem {
  readonly streams: readonly (Stream | null | undefined)[];
  analyzePath(path: string): { readonly exists: boolean };
  writeFile(path: string, bytes: Uint8Array, options: { canOwn: boolean }): void;
  readFile(path: string): Uint8Array<ArrayBuffer>;
  close(stream: Stream): void;
  unlink(path: string): void;
}

/** characters; a broken file can make HDF5 talk for long. */
const maximumLength = 100_000;

/**
 * Runs `read`, which must not be asynchronous, with nothing printed, and gives it a function that tells the first
 * complaint since the start. Standard input is at its end meanwhile: a file may say that its data lie in `/dev/stdin`.
 */
export function withDiagnostics<T>({ streams }: FileSystem, read: (complaint: () => string | undefined) => T): T {
  let printed = "";
  const silent: Terminal["ops"] = {
    get_char: () => null,
    put_char: (_, char) => {
      if (printed.length < maximumLength) printed += String.fromCharCode(char);
    },
    fsync: () => {},
  };
  const terminals = new Set([0, 1, 2].flatMap((descriptor) => streams[descriptor]?.tty ?? []));
  const saved = [...terminals].map((terminal) => ({ terminal, ops: terminal.ops }));
  for (const terminal of terminals) terminal.ops = silent;
  try {
    return read(() => innermost(printed));
  } finally {
    for (const { terminal, ops } of saved) terminal.ops = ops;
  }
}

/** The deepest line of HDF5's stack of errors says what happened: `#006: file.c line 577 in f(): truncated file: …`. */
function innermost(printed: string): string | undefined {
  if (printed === "") return undefined;
  const [first = ""] = printed.split("HDF5-DIAG").filter((stack) => stack !== "");
  return /.*#\d+: .*? in \w+\(\): (?<message>[^\n]*)/s.exec(first)?.groups?.["message"] ?? first.trim();
}
