/** Progress on standard error: a live bar on a terminal, a line every few seconds elsewhere. */
import { SingleBar } from "cli-progress";

export interface Progress {
  /** `unit` is what is counted: "images". */
  update(label: string, done: number, total: number, unit: string): void;
  /** Work of unknown length: a line that is written over, on a terminal only. What does not fit is left out, from the last part on. */
  status(...parts: readonly string[]): void;
  /** Ends the bar, the lines of the current label, or the status. */
  finish(): void;
}

/** ANSI: to the first column, then erase to the end of the line. */
const eraseLine = "\r\x1b[K";

/** Between two plain lines. */
const lineEveryMs = 5000;

export function createProgress(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? barProgress(stream) : lineProgress(stream);
}

function barProgress(stream: NodeJS.WriteStream): Progress {
  let bar: SingleBar | undefined;
  let label = "";
  let started = 0;
  let hasStatus = false;
  const finish = () => {
    bar?.stop();
    bar = undefined;
    if (hasStatus) stream.write(eraseLine);
    hasStatus = false;
  };
  return {
    update(next, done, total, unit) {
      if (!bar || next !== label) {
        finish();
        label = next;
        started = performance.now();
        bar = new SingleBar({
          stream,
          hideCursor: true,
          barCompleteChar: "█",
          barIncompleteChar: "░",
          ...barLayout(stream.columns ?? 80),
        });
        bar.start(total, 0, { label: label.padEnd(9), unit, ...pace(started, 0, total) });
      }
      bar.setTotal(total);
      bar.update(done, { label: label.padEnd(9), unit, ...pace(started, done, total) });
    },
    status(...parts) {
      if (bar) finish();
      stream.write(`${eraseLine}${fitParts(parts, (stream.columns ?? 80) - 1)}`);
      hasStatus = true;
    },
    finish,
  };
}

/** What a bar's line shows on a terminal of so many columns: the time left always, the bar and the pace where there is room. */
export function barLayout(columns: number): { readonly format: string; readonly barsize: number } {
  const barsize = Math.max(0, Math.min(24, columns - 56));
  const bar = barsize < 8 ? "" : " {bar}";
  const pace = columns < 62 ? "" : " · {rate}/s";
  return { format: `{label}${bar} {value}/{total} {unit}${pace} · {left} left`, barsize };
}

/** The parts, two blanks between, as many from the first on as fit. */
export function fitParts(parts: readonly string[], width: number): string {
  const [first = "", ...others] = parts;
  let line = first.slice(0, width);
  for (const part of others) {
    if (line.length + 2 + part.length > width) break;
    line += `  ${part}`;
  }
  return line;
}

function lineProgress(stream: NodeJS.WriteStream): Progress {
  let label = "";
  let started = 0;
  let printed = 0;
  return {
    update(next, done, total, unit) {
      const now = performance.now();
      if (next !== label) [label, started, printed] = [next, now, now];
      if (now - printed < lineEveryMs) return;
      const { rate, left } = pace(started, done, total);
      stream.write(`${label} ${done}/${total} ${unit} · ${rate}/s · ${left} left\n`);
      printed = now;
    },
    status() {},
    finish() {
      label = "";
    },
  };
}

/** Items per second so far and the time that the rest will take at that pace. */
function pace(started: number, done: number, total: number): { rate: string; left: string } {
  const seconds = (performance.now() - started) / 1000;
  const rate = done / Math.max(seconds, 1e-3);
  if (done === 0) return { rate: "–", left: "–" };
  return { rate: rate >= 10 ? rate.toFixed(0) : rate.toFixed(1), left: duration((total - done) / rate) };
}

/** 75 → "1 min 15 s". */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
