import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { encode, GraphBuilder, inference, lower, type Model, type Session } from "@grayling/core";
import { afterAll, describe, expect, it, vi } from "vitest";
import { OrtRuntime } from "./ort-runtime.js";

/** left + right, both [N, 3]. */
const sum = encode(lower(sumModel(), inference));
/** Two 5 × 5 convolutions over 256 × 256 maps of 32 channels: some tenths of a second of work. */
const heavy = encode(lower(heavyModel(), inference));
const heavyImage = { shape: [1, 32, 256, 256], data: new Float32Array(32 * 256 * 256).fill(1) };

const runtime = new OrtRuntime();
afterAll(() => runtime.close());

function sumModel(): Model {
  const net = new GraphBuilder();
  for (const name of ["left", "right"]) net.add("Input", name, [], { shape: ["N", 3] });
  return { graph: net.build([net.add("Add", "sum", ["left", "right"], {})]), weights: new Map() };
}

function heavyModel(): Model {
  const net = new GraphBuilder();
  let x = net.add("Input", "image", [], { shape: ["N", 32, 256, 256] });
  const kernel = { shape: [32, 32, 5, 5], data: new Float32Array(32 * 32 * 25).fill(1 / 800) };
  net.add("Weight", "kernel", [], { shape: kernel.shape, trainable: true });
  for (const name of ["first", "second"]) {
    x = net.add("Conv", name, [x, "kernel"], { strides: [1, 1], pads: [2, 2, 2, 2], dilations: [1, 1], group: 1 });
  }
  return { graph: net.build([x]), weights: new Map([["kernel", kernel]]) };
}

const row = (...values: number[]) => ({ shape: [values.length / 3, 3], data: Float32Array.from(values) });

async function failure(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "no error",
    (error: Error) => error.message,
  );
}

describe("a runtime in a worker", () => {
  it("computes what the model says, and leaves the inputs as they were", async () => {
    const session = await runtime.open(sum);
    const left = row(1, 2, 3, 4, 5, 6);
    const outputs = await session.run({ left, right: row(10, 20, 30, 40, 50, 60) });
    expect(outputs).toEqual({ sum: row(11, 22, 33, 44, 55, 66) });
    expect([...left.data]).toEqual([1, 2, 3, 4, 5, 6]);
    await session.release();
  });

  it("keeps its sessions apart, and answers each request with its own result", async () => {
    const sessions = await Promise.all([runtime.open(sum), runtime.open(sum)]);
    const left = (i: number) => row(i, i, i);
    const all = Array.from({ length: 20 }, (_, i) => sessions[i % 2]!.run({ left: left(i), right: left(100 * i) }));
    for (const [i, { sum: result }] of (await Promise.all(all)).entries()) expect(result!.data[0]).toBe(101 * i);
    await Promise.all(sessions.map((session) => session.release()));
  });

  it("holds bound inputs from run to run, each session its own, until they are bound anew", async () => {
    const [one, two] = await Promise.all([runtime.open(sum), runtime.open(sum)]);
    await one.bind({ right: row(1, 1, 1) });
    await two.bind({ right: row(2, 2, 2) });
    const first = async (session: Session) => (await session.run({ left: row(5, 5, 5) }))["sum"]!.data[0];
    expect([await first(one), await first(two), await first(one)]).toEqual([6, 7, 6]);
    await one.bind({ right: row(9, 9, 9) });
    expect(await first(one)).toBe(14);
  });

  it("hands over the values of a part of an array, not the whole array around them", async () => {
    const session = await runtime.open(sum);
    const table = Float32Array.from({ length: 3000 }, (_, i) => i);
    const post = vi.spyOn(Worker.prototype, "postMessage");
    const part = { shape: [2, 3], data: table.subarray(300, 306) };
    const outputs = await session.run({ left: part, right: part });
    const [message] = post.mock.calls[0]!;
    post.mockRestore();
    expect([...outputs["sum"]!.data]).toEqual([600, 602, 604, 606, 608, 610]);
    expect(message).toMatchObject({ feeds: { left: { data: { buffer: { byteLength: 24 } } } } });
  });

  it("goes on after a broken model, a wrong input and a session that was released", async () => {
    const session = await runtime.open(sum);
    expect(await failure(runtime.open(Uint8Array.of(1, 2, 3)))).toMatch(/^ONNX Runtime: /);
    expect(await failure(session.run({ left: row(1, 2, 3) }))).toMatch(/^ONNX Runtime: .*right/);
    expect(
      await failure(session.run({ left: row(1, 2, 3), right: { shape: [1, 2], data: new Float32Array(2) } })),
    ).toMatch(/^ONNX Runtime: /);
    expect((await session.run({ left: row(1, 2, 3), right: row(1, 1, 1) }))["sum"]!.data[2]).toBe(4);
    await session.release();
    expect(await failure(session.run({ left: row(1, 2, 3), right: row(1, 2, 3) }))).toContain("no session");
  });

  it("lets timers run while a model computes", async () => {
    const session = await runtime.open(heavy);
    const ticks: number[] = [performance.now()];
    const timer = setInterval(() => ticks.push(performance.now()), 2);
    await session.run({ image: heavyImage });
    clearInterval(timer);
    const took = performance.now() - ticks[0]!;
    const gaps = ticks.map((tick, i) => tick - (ticks[i - 1] ?? ticks[0]!));
    expect(took).toBeGreaterThan(40); // ms; else the model is too light to show anything
    expect(Math.max(...gaps)).toBeLessThan(took / 2); // in one thread, the one gap would be all of it
    await session.release();
  });
});

describe("closing a runtime", () => {
  it("rejects the requests that wait, and every later one", async () => {
    const closed = "the runtime has been closed";
    for (let i = 0; i < 5; i++) {
      // Terminated while it computes, the thread would take the whole process with it, most times.
      const closing = new OrtRuntime();
      const session = await closing.open(heavy);
      const waiting = [session.run({ image: heavyImage }), closing.open(heavy)].map(failure);
      await closing.close();
      expect(await Promise.all(waiting)).toEqual([closed, closed]);
      expect(await failure(session.run({ image: heavyImage }))).toBe(closed);
      expect(await failure(closing.open(sum))).toBe(closed);
      await closing.close(); // twice does no harm
    }
  });

  it("is not needed for the process to end: an idle runtime does not keep it alive", async () => {
    const script = `
      import { OrtRuntime } from ${JSON.stringify(new URL("./ort-runtime.js", import.meta.url).href)};
      const session = await new OrtRuntime().open(Uint8Array.from(${JSON.stringify([...sum])}));
      const row = { shape: [1, 3], data: Float32Array.of(1, 2, 3) };
      const { sum } = await session.run({ left: row, right: row }); // a waiting request does keep it alive
      console.log([...sum.data].join());`;
    const cwd = fileURLToPath(new URL(".", import.meta.url));
    const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { cwd, timeout: 60_000 });
    expect((await run).stdout).toBe("2,4,6\n");
  });
});
