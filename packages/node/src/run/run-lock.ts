/** Keeps two trainings from working in the place of one run: a file beside it that tells who does. */
import { randomUUID } from "node:crypto";
import { open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname, uptime } from "node:os";
import { basename, dirname, join } from "node:path";
import * as v from "valibot";
import { isRunning, startOf } from "../files/is-running.js";
import { writing } from "../files/write-failure.js";

/** Release it, whatever comes. */
export interface RunLock {
  release(): Promise<void>;
}

/** Who holds a lock. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly since: string;
  /** The file, for people to remove where nothing else can tell that it is left over. */
  readonly path: string;
}

const Holder = v.object({
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  host: v.string(),
  since: v.string(),
  /** `startOf`, where the system tells. */
  started: v.optional(v.string()),
  /** Tells this lock from every other. */
  id: v.string(),
});

/** The holder renews the file so often; of another machine's, which cannot be asked, silence for so long means that it is gone. */
const renewEveryMs = 15_000;
const silenceMs = 120_000;

/** A file is made first and written then: one without content may be in the making for so long. */
const unwrittenMs = 10_000;

/** The file that locks the place of a run. */
export const lockName = (run: string): string => join(dirname(run), `.${basename(run)}.lock`);

/**
 * Locks the place of a run, or tells who has. What a killed process or an earlier boot left is taken over. Throws `InputError`
 * where the folder cannot be written.
 */
export async function lockRun(run: string): Promise<RunLock | LockHolder> {
  const path = lockName(run);
  const own = {
    ...{ pid: process.pid, host: hostname(), since: new Date().toISOString(), id: randomUUID() },
    started: startOf(process.pid),
  };
  const text = `${JSON.stringify(own)}\n`;
  for (;;) {
    if (await create(path, text)) return hold(path, text);
    const found = await read(path);
    if (found === undefined) continue; // released a moment ago
    if (isHeld(found)) return { ...holderIn(found.text), path };
    await setAside(path, found.text);
  }
}

/** False where there is one. */
async function create(path: string, text: string): Promise<boolean> {
  const handle = await open(path, "wx").catch((error: NodeJS.ErrnoException) =>
    error.code === "EEXIST" ? undefined : writing(path, Promise.reject(error)),
  );
  if (!handle) return false;
  await writing(
    path,
    handle.writeFile(text).finally(() => handle.close()),
  );
  return true;
}

function hold(path: string, text: string): RunLock {
  const renewing = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {}); // it tells other machines only; one that has taken over is not stopped
  }, renewEveryMs);
  renewing.unref(); // a lock keeps no process alive
  return {
    async release() {
      clearInterval(renewing);
      const found = await readFile(path, "utf8").catch(() => undefined);
      if (found === text) await rm(path, { force: true });
    },
  };
}

interface Found {
  readonly text: string;
  readonly ageMs: number;
}

async function read(path: string): Promise<Found | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    return { text, ageMs: Date.now() - mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function isHeld({ text, ageMs }: Found): boolean {
  const holder = parse(text);
  if (!holder) return ageMs < unwrittenMs;
  if (holder.host !== hostname()) return ageMs < silenceMs;
  if (ageMs > uptime() * 1000 + silenceMs || !isRunning(holder.pid)) return false; // of an earlier boot, or gone
  const started = startOf(holder.pid);
  return started === undefined || holder.started === undefined || started === holder.started; // else the number is another's
}

/** Removes a lock that is left over, unless another process has done so meanwhile and holds one now. */
async function setAside(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if ((await readFile(aside, "utf8")) === stale) await rm(aside, { force: true });
  else await rename(aside, path);
}

function holderIn(text: string): Omit<LockHolder, "path"> {
  const { pid = 0, host = "", since = "" } = parse(text) ?? {};
  return { pid, host, since };
}

function parse(text: string): v.InferOutput<typeof Holder> | undefined {
  try {
    const { success, output } = v.safeParse(Holder, JSON.parse(text));
    return success ? output : undefined;
  } catch {
    return undefined;
  }
}
