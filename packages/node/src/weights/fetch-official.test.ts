import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError, WeightsError } from "@grayling/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type FileServer, startFileServer } from "../testing/file-server.js";
import { fetchIntoCache, fetchOfficialWeights } from "./fetch-official.js";

let cache: string;
let server: FileServer;
let paths: string[];

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "grayling cache ü-"));
  paths = [];
  server = await startFileServer((request, response) => {
    paths.push(request.url ?? "");
    response.writeHead(200).end("not the weights");
  });
});

afterEach(async () => {
  await server.close();
  await rm(cache, { recursive: true, force: true });
});

function fetchFrom(model: string, includeTop: boolean): Promise<string> {
  return fetchOfficialWeights(model, { includeTop, cache, baseUrl: server.url });
}

it.each([
  ["efficientnet-b0", false, "/efficientnetb0_notop.h5"],
  ["efficientnet-v2-s", true, "/efficientnetv2-s.h5"],
])(
  "asks for the file of %s with top %s under Keras' name, and refuses what has another md5",
  async (model, top, path) => {
    await expect(fetchFrom(model, top)).rejects.toThrow(WeightsError);
    expect(paths).toEqual([path]);
  },
);

it("downloads a file once, uses it from then on, and again when it is damaged", async () => {
  const md5 = createHash("md5").update("not the weights").digest("hex");
  const weights = { url: `${server.url}model.h5`, file: "model.h5", md5 };
  const path = await fetchIntoCache(weights, { cache });
  expect(path).toBe(join(cache, "weights", "model.h5"));
  expect(await fetchIntoCache(weights, { cache })).toBe(path);
  expect(paths).toEqual(["/model.h5"]);

  await writeFile(path, "not the weight"); // cut off by one byte
  expect(await fetchIntoCache(weights, { cache })).toBe(path);
  expect(await readFile(path, "utf8")).toBe("not the weights");
  expect(paths).toEqual(["/model.h5", "/model.h5"]);
});

it("leaves a damaged file until a right one has come", async () => {
  const file = join(cache, "weights", "efficientnetb0.h5");
  await mkdir(join(cache, "weights"));
  await writeFile(file, "damaged");
  await expect(fetchFrom("efficientnet-b0", true)).rejects.toThrow(WeightsError);
  expect(paths).toHaveLength(1);
  expect(await readFile(file, "utf8")).toBe("damaged");
});

it("says for a server that does not have it where the file goes, that the old one is damaged, and what else there is", async () => {
  const file = join(cache, "weights", "efficientnetb0.h5");
  await mkdir(join(cache, "weights"));
  await writeFile(file, "damaged");
  await server.close();
  server = await startFileServer((_, response) => response.writeHead(403).end());
  await expect(fetchFrom("efficientnet-b0", true)).rejects.toThrow(
    `${server.url}efficientnetb0.h5: cannot be downloaded (HTTP status 403 Forbidden): put the file at ${file} by hand, ` +
      "or choose --weights <file>, the bundled model efficientnet-lite0, or --weights random " +
      "(the one there is damaged, expected md5 902e53a9f72be733fc0bcb005b3ebbac, got ",
  );
});

it("lists the models that have official weights when asked for another", async () => {
  const error = fetchFrom("efficientnet-lite0", true);
  await expect(error).rejects.toThrow(InputError);
  await expect(error).rejects.toThrow(
    /^efficientnet-lite0: .* expected one of efficientnet-b0, .*, efficientnet-v2-l$/,
  );
  expect(paths).toEqual([]);
});
