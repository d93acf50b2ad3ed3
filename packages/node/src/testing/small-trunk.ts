/** The bundled network at 32 × 40 px in a session, and a folder for its cache, for tests of features. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fit, Session } from "@grayling/core";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { openBackbone } from "../backbone/open-backbone.js";
import { FeatureCache } from "../features/feature-cache.js";
import { buildTrunk, type Trunk } from "../features/trunk.js";
import { OrtRuntime } from "../runtime/ort-runtime.js";

/** There while a test runs; the folder is a new one for each test. */
export interface SmallTrunk {
  readonly trunk: Trunk;
  readonly session: Session;
  readonly folder: string;
  openCache(): Promise<FeatureCache>;
}

/** Opens it before the tests of a file and closes it after them. */
export async function smallTrunk(fit: Fit): Promise<SmallTrunk> {
  const trunk = buildTrunk(await openBackbone("efficientnet-lite0", { height: 32, width: 40, pooling: "avg" }), fit);
  const runtime = new OrtRuntime();
  let session: Session;
  let folder: string;
  beforeAll(async () => {
    session = await runtime.open(trunk.encoded);
  });
  afterAll(() => runtime.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "grayling-features-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  return {
    trunk,
    get session() {
      return session;
    },
    get folder() {
      return folder;
    },
    openCache: () => FeatureCache.open(folder, trunk.key, trunk.columns),
  };
}
