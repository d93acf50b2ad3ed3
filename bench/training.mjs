/**
 * (k) Training the network itself against PyTorch and Keras, the same network, input, batch and optimizer, BatchNorm frozen.
 * Each contender is a process of its own that sleeps while another one works; rounds alternate.
 */
import { fileURLToPath } from "node:url";
import { openContender } from "./contender.mjs";
import { printTable } from "./print-table.mjs";
import { median } from "./rounds.mjs";

const threads = 2;
const classes = 9;

/** Goals are times as fast: eager PyTorch, torch.compile, Keras. */
const cases = [
  {
    title: "full step, B0 84×112, batch 32",
    network: "b0",
    height: 84,
    width: 112,
    batch: 32,
    work: "step",
    goals: [1.6, 1.3, 1.6],
    portable: 1.0,
  },
  {
    title: "full step, B5 84×112, batch 32",
    network: "b5",
    height: 84,
    width: 112,
    batch: 32,
    work: "step",
    goals: [1.6, 1.2],
    portable: 1.0,
    steps: 2,
  },
  {
    title: "full step, B0 224×224, batch 16",
    network: "b0",
    height: 224,
    width: 224,
    batch: 16,
    work: "step",
    goals: [1.6, 1.2],
    portable: 1.0,
  },
  {
    title: "features, B0 84×112, batch 32",
    network: "b0",
    height: 84,
    width: 112,
    batch: 32,
    work: "forward",
    goals: [2, 1.25, 2],
  },
  {
    title: "blocks 6, 7, top on kept activations, B0 84×112, batch 32",
    network: "b0",
    height: 84,
    width: 112,
    batch: 32,
    work: "top",
    goals: [4],
  },
];

const rounds = 5;

export async function benchTraining() {
  const python = { torch: process.env.GRAYLING_PYTHON_TORCH, keras: process.env.GRAYLING_PYTHON_KERAS };
  console.log("(k) training against PyTorch and Keras: milliseconds of a step, median (least)");
  for (const [name, path] of Object.entries(python)) {
    if (!path) console.log(`    ${name}: skipped, GRAYLING_PYTHON_${name.toUpperCase()} names no Python that has it`);
  }
  for (const each of cases) await benchCase(each, python);
}

async function benchCase({ title, goals, portable, steps = 3, ...work }, python) {
  const json = JSON.stringify({ ...work, classes, threads });
  const ours = (kernels, more = {}) => ({
    command: process.execPath,
    args: [child, JSON.stringify({ ...work, classes, threads, kernels, ...more })],
  });
  const peer = (path, name) => path && { command: path, args: [twins, name, json] };
  const wanted = {
    blocked: ours("auto"),
    ...(work.work === "step" && { portable: ours("portable") }),
    "torch eager": peer(python.torch, "torch-eager"),
    "torch.compile": peer(python.torch, "torch-compile"),
    ...(goals.length > 2 && { keras: peer(python.keras, "keras") }),
  };
  const contenders = new Map();
  for (const [name, how] of Object.entries(wanted)) {
    const opened = how && (await openContender({ name, ...how }));
    if (opened) contenders.set(name, opened);
  }
  const times = new Map([...contenders.keys()].map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, { ask }] of contenders) times.get(name).push(...(await ask(`run ${steps}`)));
  }
  const share = contenders.has("blocked") ? await contenders.get("blocked").ask("share") : 0;
  const memory = new Map();
  for (const [name, { ask }] of contenders) memory.set(name, await ask("memory"));
  const estimate =
    work.work === "step" && contenders.has("blocked") ? await contenders.get("blocked").ask("estimate") : null;
  for (const { close } of contenders.values()) await close();

  const own = times.get("blocked");
  if (!own) return;
  const last = own.slice(-steps).reduce((a, b) => a + b, 0);
  console.log(`\n  ${title}`);
  const rows = [...times].map(([name, taken]) => {
    const at = { "torch eager": 0, "torch.compile": 1, keras: 2 }[name];
    const ratio = at === undefined ? undefined : median(taken) / median(own);
    const least = at === undefined ? undefined : Math.min(...taken) / Math.min(...own);
    const goal = at === undefined ? undefined : goals[at];
    const verdict =
      goal === undefined || ratio === undefined ? "" : `goal ${goal}: ${ratio >= goal ? "met" : "MISSED"}`;
    return [
      name,
      `${median(taken).toFixed(0)} (${Math.min(...taken).toFixed(0)})`,
      ratio === undefined ? "" : `${ratio.toFixed(2)} (${least.toFixed(2)})`,
      `${memory.get(name).toFixed(0)} MB`,
      verdict,
    ];
  });
  printTable(["", "ms", "blocked is × as fast", "peak memory", ""], rows);
  if (portable && times.has("torch eager") && times.has("portable")) {
    const ratio = median(times.get("torch eager")) / median(times.get("portable"));
    console.log(
      `  portable against eager PyTorch: ${ratio.toFixed(2)}, goal ${portable}: ${ratio >= portable ? "met" : "MISSED"}`,
    );
  }
  if (estimate !== null) {
    const off = estimate / memory.get("blocked") - 1;
    console.log(
      `  memory estimated ${estimate.toFixed(0)} MB, ${(100 * off).toFixed(0)} % off, goal 25 %: ${Math.abs(off) <= 0.25 ? "met" : "MISSED"}`,
    );
  }
  if (work.work === "step") {
    const outside = 1 - share / last;
    console.log(
      `  outside ONNX Runtime (optimizer, packing): ${(100 * outside).toFixed(1)} % of the step, goal 5 %: ${outside <= 0.05 ? "met" : "MISSED"}`,
    );
  }
}

const child = fileURLToPath(new URL("./training-child.mjs", import.meta.url));
const twins = fileURLToPath(new URL("./peers/training.py", import.meta.url));
