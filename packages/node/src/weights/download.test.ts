import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import {
  type FileHandle,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError, WeightsError } from "@grayling/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Answer, type FileServer, send, startFileServer } from "../testing/file-server.js";
import { type DownloadOptions, download } from "./download.js";
import type { DownloadProgress } from "./receive.js";

const content = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31 + (index >>> 8)) % 251);
const otherContent = content.toReversed();
const md5 = md5Of(content);
const pausesMs = [1, 1, 1];

let folder: string;
let to: string;
let servers: FileServer[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "grayling download ü-"));
  to = join(folder, "weights", "model.h5");
  servers = [];
});

afterEach(async () => {
  for (const server of servers) await server.close();
  await rm(folder, { recursive: true, force: true });
});

function md5Of(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}

async function serve(answer: Answer): Promise<FileServer> {
  const server = await startFileServer(answer);
  servers.push(server);
  return server;
}

function get(server: FileServer, options: Partial<DownloadOptions> = {}): Promise<void> {
  return download({ url: `${server.url}model.h5`, md5, to, pausesMs, ...options });
}

function failure(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error("it succeeded"),
    (error: Error) => error,
  );
}

/** The file is right and nothing lies beside it. */
async function expectDownloaded(): Promise<void> {
  expect(md5Of(await readFile(to))).toBe(md5);
  expect(await readdir(join(folder, "weights"))).toEqual(["model.h5"]);
}

async function leavePart(bytes: Uint8Array, name = "model.h5.part"): Promise<void> {
  await mkdir(join(folder, "weights"), { recursive: true });
  await writeFile(join(folder, "weights", name), bytes);
}

it("downloads a file, makes its folder and tells how far it is", async () => {
  const server = await serve((request, response) => send(content, request, response));
  const seen: DownloadProgress[] = [];
  await get(server, { onProgress: (progress) => seen.push(progress) });
  await expectDownloaded();
  expect(seen[0]).toEqual({ receivedBytes: 0, totalBytes: content.length });
  expect(seen.at(-1)).toEqual({ receivedBytes: content.length, totalBytes: content.length });
});

it("replaces a file that is there", async () => {
  const server = await serve((request, response) => send(content, request, response));
  await leavePart(otherContent, "model.h5");
  await get(server);
  await expectDownloaded();
});

it("goes on where the connection broke, if the file at the server is the same", async () => {
  const server = await serve((request, response, count) =>
    send(content, request, response, { etag: '"v1"', ...(count < 2 && { cutAfter: 100_000 }) }),
  );
  await get(server);
  await expectDownloaded();
  expect(server.ranges).toEqual(["", "bytes=100000-", "bytes=200000-"]);
});

it("starts over when the file at the server changed in between", async () => {
  const server = await serve((request, response, count) =>
    count === 0
      ? send(otherContent, request, response, { etag: '"v1"', cutAfter: 100_000 })
      : send(content, request, response, { etag: '"v2"' }),
  );
  await get(server);
  await expectDownloaded();
});

it("starts over when the server knows no ranges", async () => {
  const server = await serve((request, response, count) =>
    send(content, request, response, { acceptsRanges: false, ...(count === 0 && { cutAfter: 100_000 }) }),
  );
  await get(server);
  await expectDownloaded();
});

it("does not trust a server that answers with another range than asked", async () => {
  const server = await serve((request, response) => {
    if (request.headers.range === undefined) return send(content, request, response);
    response.writeHead(206, { "content-range": `bytes 0-${content.length - 1}/${content.length}` }).end(content);
  });
  await leavePart(content.subarray(0, 1000));
  await get(server);
  await expectDownloaded();
});

it("continues what an earlier run left", async () => {
  const server = await serve((request, response) => send(content, request, response));
  await leavePart(content.subarray(0, 123_456));
  await get(server);
  await expectDownloaded();
  expect(server.ranges).toEqual(["bytes=123456-"]);
});

it("asks the server nothing when an earlier run left the whole file", async () => {
  const server = await serve((request, response) => send(content, request, response));
  await leavePart(content);
  await get(server);
  await expectDownloaded();
  expect(server.ranges).toEqual([]);
});

it.each([
  ["of another file", otherContent.subarray(0, 1000)],
  ["as long as the file, and wrong", otherContent],
  ["longer than the file", new Uint8Array(content.length + 1)],
])("starts over when an earlier run left a part %s", async (_, part) => {
  const server = await serve((request, response) => send(content, request, response));
  await leavePart(part);
  await get(server);
  await expectDownloaded();
});

it("deletes a file with the wrong md5 and names both", async () => {
  const server = await serve((request, response) => send(otherContent, request, response));
  const error = await failure(get(server));
  expect(error).toBeInstanceOf(WeightsError);
  expect(error.message).toContain(`expected md5 ${md5}, got ${md5Of(otherContent)}`);
  expect(await readdir(join(folder, "weights"))).toEqual([]);
});

it("fails at once when the server does not have the file", async () => {
  const server = await serve((_, response) => response.writeHead(404).end("no such file"));
  const error = await failure(get(server));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toContain("HTTP status 404");
  expect(server.ranges).toHaveLength(1);
  expect(await readdir(join(folder, "weights"))).toEqual([]);
});

it("tries again when the server is busy", async () => {
  const server = await serve((request, response, count) =>
    count < 2 ? response.writeHead(503).end() : send(content, request, response),
  );
  await get(server);
  await expectDownloaded();
});

it("says in one line what was tried, where to put the file and what else there is, when nothing answers", async () => {
  const server = await serve(() => undefined);
  await server.close();
  const error = await failure(get(server, { otherwise: "choose --weights <file>" }));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/model\.h5: cannot be downloaded \(.*ECONNREFUSED.*\): /);
  expect(error.message.endsWith(`: put the file at ${to} by hand, or choose --weights <file>`)).toBe(true);
  expect(error.message).not.toContain("\n");
});

it("keeps what came when the connection breaks every time, for the next run", async () => {
  const server = await serve((request, response) =>
    send(content, request, response, { cutAfter: server.ranges.length <= 4 ? 50_000 : content.length }),
  );
  const error = await failure(get(server));
  expect(error).toBeInstanceOf(InputError);
  expect(await readdir(join(folder, "weights"))).toEqual(["model.h5.part"]);
  const { size } = await stat(join(folder, "weights", "model.h5.part"));
  expect(size).toBeGreaterThan(50_000); // of 200,000 sent: what was under way when a connection broke may be lost
  await get(server);
  await expectDownloaded();
  expect(server.ranges.at(-1)).toBe(`bytes=${size}-`);
});

it("takes a body without a length that ends early for damaged, unless it knows the size", async () => {
  const server = await serve((request, response, count) =>
    send(count === 0 ? content.subarray(0, 1000) : content, request, response, { chunked: true }),
  );
  await get(server, { size: content.length });
  await expectDownloaded();
  expect(server.ranges).toEqual(["", "bytes=1000-"]);

  const short = await serve((request, response) =>
    send(content.subarray(0, 1000), request, response, { chunked: true }),
  );
  expect(await failure(get(short))).toBeInstanceOf(WeightsError);
});

it("refuses more bytes than the file has", async () => {
  const server = await serve((request, response) => send(content, request, response, { chunked: true }));
  const error = await failure(get(server, { size: 1000 }));
  expect(error).toBeInstanceOf(WeightsError);
  expect(error.message).toContain("sends more than 1000 bytes");
  expect(server.ranges).toHaveLength(1);
});

it("stops at the signal with its reason, keeps what came and goes on later", async () => {
  const server = await serve((request, response, count) => {
    if (count > 0) return send(content, request, response);
    response.writeHead(200, { "content-length": content.length }).write(content.subarray(0, 70_000)); // and then stalls
  });
  const stop = new AbortController();
  const reason = new Error("stopped by the test");
  const onProgress = ({ receivedBytes }: DownloadProgress) => {
    if (receivedBytes === 70_000) stop.abort(reason);
  };
  expect(await failure(get(server, { signal: stop.signal, onProgress }))).toBe(reason);
  expect(await readdir(join(folder, "weights"))).toEqual(["model.h5.part"]);
  await get(server);
  await expectDownloaded();
  expect(server.ranges).toEqual(["", "bytes=70000-"]);
});

it("stops at the signal between two tries", async () => {
  const server = await serve((_, response) => response.writeHead(503).end());
  const stop = new AbortController();
  const reason = new Error("stopped by the test");
  setTimeout(() => stop.abort(reason), 50);
  expect(await failure(get(server, { signal: stop.signal, pausesMs: [60_000] }))).toBe(reason);
});

it("lets several download the same file at once", async () => {
  const server = await serve((request, response) => send(content, request, response));
  await leavePart(content.subarray(0, 1000));
  await Promise.all([get(server), get(server), get(server)]);
  await expectDownloaded();
  expect(server.ranges.toSorted()).toEqual(["", "", "bytes=1000-"]);
});

it("gives up a connection on which nothing comes, and goes on from there with a new one", async () => {
  const server = await serve((request, response, count) => {
    if (count === 0) return; // never answers
    if (count > 1) return send(content, request, response);
    response.writeHead(200, { "content-length": content.length }).write(content.subarray(0, 70_000)); // and then stalls
  });
  await get(server, { stallMs: 200 });
  await expectDownloaded();
  expect(server.ranges).toEqual(["", "", "bytes=70000-"]);
});

it("says of a server that never answers that nothing came", async () => {
  const server = await serve(() => undefined);
  const error = await failure(get(server, { stallMs: 100, pausesMs: [1] }));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toContain("cannot be downloaded (nothing came for 0.1 s)");
  expect(server.ranges).toHaveLength(2);
});

it("does not give up a connection that is slow and not silent", async () => {
  const server = await serve((_, response) => {
    response.writeHead(200, { "content-length": content.length });
    const pieces = [0, 1, 2, 3, 4, 5].map((i) => content.subarray(i * 50_000, (i + 1) * 50_000));
    pieces.forEach((piece, i) => void setTimeout(() => response.write(piece), 200 * i)); // a second in all
  });
  await get(server, { stallMs: 800, pausesMs: [] });
  await expectDownloaded();
  expect(server.ranges).toEqual([""]);
});

it("follows a redirect to another host, and goes on there with the rest", async () => {
  const mirror = await serve((request, response, count) =>
    send(content, request, response, { etag: '"v1"', ...(count === 0 && { cutAfter: 100_000 }) }),
  );
  // Another name and another port of this machine are another host to HTTP.
  const location = `${mirror.url.replace("127.0.0.1", "localhost")}stored/model.h5`;
  const server = await serve((_, response) => response.writeHead(302, { location }).end());
  await get(server);
  await expectDownloaded();
  expect(server.ranges).toEqual(["", "bytes=100000-"]);
  expect(mirror.ranges).toEqual(["", "bytes=100000-"]);
});

it.each([
  ["in a circle", "/model.h5", "redirect count exceeded"],
  ["to a file of this machine", "file:///etc/hostname", "URL scheme must be a HTTP(S) scheme"],
])("does not try again where the server redirects %s", async (_, location, reason) => {
  const server = await serve((_request, response) => response.writeHead(302, { location }).end());
  const error = await failure(get(server, { pausesMs: [60_000] }));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toContain(`cannot be downloaded (${reason})`);
  expect(server.ranges.length).toBeLessThanOrEqual(21); // fetch follows twenty redirects
});

it("says of a host that no name server knows which it was", async () => {
  // Reserved by RFC 2606: no resolver may know it, with a network or without.
  const url = "http://weights.invalid/model.h5";
  const error = await failure(download({ url, md5, to, pausesMs: [1] }));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toMatch(/^http:\/\/weights\.invalid\/model\.h5: cannot be downloaded \(.*weights\.invalid/);
  expect(error.message).toContain(`put the file at ${to} by hand`);
});

it.each([500, 502, 429, 408])("tries again after HTTP status %i", async (status) => {
  const server = await serve((request, response, count) =>
    count === 0 ? response.writeHead(status).end() : send(content, request, response),
  );
  await get(server);
  await expectDownloaded();
});

it("gives up a server that answers 500 every time, and leaves nothing", async () => {
  const server = await serve((_, response) => response.writeHead(500).end());
  const error = await failure(get(server));
  expect(error.message).toContain("HTTP status 500 Internal Server Error");
  expect(server.ranges).toHaveLength(1 + pausesMs.length);
  expect(await readdir(join(folder, "weights"))).toEqual([]);
});

describe("a Content-Length that is not the length", () => {
  it("and larger is a broken connection: the rest is asked for", async () => {
    const server = await serve((request, response, count) =>
      send(content.subarray(0, count === 0 ? 200_000 : content.length), request, response, {
        ...(count === 0 && { claimedLength: content.length }),
      }),
    );
    await get(server);
    await expectDownloaded();
    expect(server.ranges).toEqual(["", "bytes=200000-"]);
  });

  it("and smaller gives a file that is cut off, which its md5 tells", async () => {
    const server = await serve((request, response) => send(content, request, response, { claimedLength: 1000 }));
    const error = await failure(get(server));
    expect(error).toBeInstanceOf(WeightsError);
    expect(error.message).toContain(`got ${md5Of(content.subarray(0, 1000))}`);
    expect(await readdir(join(folder, "weights"))).toEqual([]);
  });

  it("and beyond every weight file is refused before it fills the disk", async () => {
    const server = await serve((request, response) => send(content, request, response, { claimedLength: 2 ** 40 }));
    const error = await failure(get(server));
    expect(error).toBeInstanceOf(WeightsError);
    expect(error.message).toContain("has 1099511627776 bytes, more than any weight file");
    expect(server.ranges).toHaveLength(1);
  });
});

describe("a full disk", () => {
  afterEach(() => vi.restoreAllMocks());

  // What is simulated: the error of the system, from the 150,000th byte on. Everything else is real.
  it("is said in one line; what came is kept and continued when there is room", async () => {
    const server = await serve((request, response) => send(content, request, response));
    const handle = await open(folder, "r");
    const prototype: FileHandle = Object.getPrototypeOf(handle);
    await handle.close();
    const { appendFile } = prototype;
    let written = 0;
    vi.spyOn(prototype, "appendFile").mockImplementation(function (this: FileHandle, piece, ...options) {
      if (written >= 150_000) return Promise.reject(Object.assign(new Error("ENOSPC"), { code: "ENOSPC" }));
      written += piece.length;
      return appendFile.call(this, piece, ...options);
    });
    const error = await failure(get(server));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(/cannot be written, the disk is full: make room or choose another path \(ENOSPC\)$/);
    expect(server.ranges).toHaveLength(1);
    expect(await readdir(join(folder, "weights"))).toEqual(["model.h5.part"]);
    vi.restoreAllMocks();
    await get(server);
    await expectDownloaded();
    expect(server.ranges).toEqual(["", `bytes=${written}-`]);
  });

  it("is what Linux says it is", async (context) => {
    if (!existsSync("/dev/full")) return context.skip("no /dev/full on this system");
    const weights = join(folder, "weights");
    const server = await serve(async (request, response, count) => {
      if (count === 0) return send(content, request, response, { cutAfter: 100_000 });
      const [part = ""] = await readdir(weights);
      await rm(join(weights, part));
      await symlink("/dev/full", join(weights, part)); // a device on which every write finds no room
      response.writeHead(200, { "content-length": content.length }).end(content);
    });
    const error = await failure(get(server));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(/cannot be written, the disk is full: make room or choose another path \(ENOSPC\)$/);
    expect(server.ranges).toHaveLength(2);
  });
});

/** Another process that downloads the same file, and says "stalled" after 70,000 bytes. */
function getInChild(server: FileServer): ChildProcess {
  const script = `import { download } from ${JSON.stringify(new URL("./download.js", import.meta.url).href)};
    const stop = new AbortController();
    process.once("SIGINT", () => stop.abort(new Error("stopped")));
    const onProgress = ({ receivedBytes }) => receivedBytes === 70_000 && console.log("stalled");
    await download({ url: ${JSON.stringify(`${server.url}model.h5`)}, md5: "${md5}", to: ${JSON.stringify(to)},
      signal: stop.signal, onProgress }).catch((error) => { process.exitCode = error.message === "stopped" ? 130 : 1; });`;
  return spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: ["ignore", "pipe", "inherit"] });
}

const exitCode = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once("close", resolve));

it("lets two processes download the same file at once, each into a part of its own", async () => {
  let release: () => void = () => undefined;
  const both = new Promise<void>((resolve) => {
    release = resolve;
  });
  const server = await serve((request, response, count) => {
    if (count === 1) release();
    void both.then(() => send(content, request, response)); // neither gets a byte before both have asked
  });
  const children = [getInChild(server), getInChild(server)];
  expect(await Promise.all(children.map(exitCode))).toEqual([0, 0]);
  expect(server.ranges).toEqual(["", ""]);
  await expectDownloaded();
});

it("keeps what came when a process is stopped by Ctrl-C, for the next", async (context) => {
  if (process.platform === "win32") return context.skip("Windows has no SIGINT that one process can send another");
  const server = await serve((request, response, count) => {
    if (count > 0) return send(content, request, response);
    response.writeHead(200, { "content-length": content.length }).write(content.subarray(0, 70_000)); // and then stalls
  });
  const child = getInChild(server);
  const code = exitCode(child);
  await new Promise((resolve) => child.stdout!.once("data", resolve));
  child.kill("SIGINT");
  expect(await code).toBe(130);
  expect(await readdir(join(folder, "weights"))).toEqual(["model.h5.part"]);
  expect(await exitCode(getInChild(server))).toBe(0);
  await expectDownloaded();
  expect(server.ranges).toEqual(["", "bytes=70000-"]);
});

it("takes over from a process that was killed, but not from one that lives", async () => {
  const server = await serve((request, response, count) => {
    if (count > 0) return send(content, request, response);
    response.writeHead(200, { "content-length": content.length }).write(content.subarray(0, 70_000)); // and then stalls
  });
  const other = getInChild(server);
  try {
    await new Promise((resolve) => other.stdout!.once("data", resolve));
    await get(server);
    expect(md5Of(await readFile(to))).toBe(md5);
    expect(await readdir(join(folder, "weights"))).toHaveLength(2);
  } finally {
    const gone = new Promise((resolve) => other.once("close", resolve));
    other.kill("SIGKILL");
    await gone;
  }
  await get(server);
  await expectDownloaded();
  expect(server.ranges).toEqual(["", "", "bytes=70000-"]);
});
