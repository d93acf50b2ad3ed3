/** A Chromium for tests that look at pages: the one named, the one that comes as a package, or the system's. */
import { existsSync } from "node:fs";
import type { Browser } from "playwright-core";

/** The browser, or why none starts, for the test to skip itself with. */
export async function openBrowser(): Promise<Browser | string> {
  const { chromium } = await import("playwright-core");
  const reasons: string[] = [];
  for (const { name, start } of candidates) {
    try {
      const executablePath = await start();
      return await chromium.launch({ executablePath, args: ["--no-sandbox"], timeout: 60_000 }); // root has no sandbox
    } catch (error) {
      reasons.push(`${name}: ${(error as Error).message.split("\n")[0]}`);
    }
  }
  return `no Chromium starts (${reasons.join("; ")})`;
}

interface Candidate {
  readonly name: string;
  /** Its path; unpacks it where that is needed. */
  readonly start: () => Promise<string>;
}

const installed = (path: string | undefined) => async () => {
  if (path === undefined || !existsSync(path)) throw new Error("not there");
  return path;
};

const candidates: readonly Candidate[] = [
  { name: "GRAYLING_CHROMIUM", start: installed(process.env["GRAYLING_CHROMIUM"]) },
  {
    name: "@sparticuz/chromium",
    // Without its own arguments: in one process, as a cloud function wants it, it ends with the first page that closes.
    start: async () => (await import("@sparticuz/chromium")).default.executablePath(),
  },
  {
    name: "the system's",
    start: installed(["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync)),
  },
];
