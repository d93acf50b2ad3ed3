/** The thread in which a network trains: it holds weights, optimizer and graphs, and blocks while it computes. */
import { parentPort } from "node:worker_threads";
import { InputError, type Kernels, NetworkTrainer, prepareNetwork, probeBlock, type Runtime } from "@grayling/core";
import { inThreadRuntime } from "../../runtime/in-thread-runtime.js";
import type { KernelChoice, OpenTraining, TrainerAnswers, TrainerReply, TrainerRequest } from "./trainer-messages.js";

const port = parentPort;
if (!port) throw new Error("internal: trainer-worker runs as a worker thread only");

let trainer: NetworkTrainer | undefined;

port.on("message", async (request: TrainerRequest) => {
  try {
    const answer = await answerTo(request);
    port.postMessage({ id: request.id, answer } satisfies TrainerReply);
    if (request.kind === "close") port.close(); // nothing else keeps this thread alive
  } catch (error) {
    const { message } = error as Error;
    port.postMessage({
      id: request.id,
      error: { message, isInput: error instanceof InputError },
    } satisfies TrainerReply);
  }
});

async function answerTo(request: TrainerRequest): Promise<TrainerAnswers[keyof TrainerAnswers]> {
  if (request.kind === "open") return open(request);
  if (request.kind === "close") return trainer?.release().then(() => undefined);
  if (!trainer) throw new Error("internal: no training is open");
  if (request.kind === "learn") {
    const { input, targets, rows, rate } = request;
    return trainer.learn({ input, targets, rows }, rate);
  }
  if (request.kind === "evaluate") return trainer.evaluate(request.input);
  if (request.kind === "state") return trainer.state();
  trainer.restore(request.state);
  return undefined;
}

async function open(request: OpenTraining): Promise<TrainerAnswers["open"]> {
  const runtime = inThreadRuntime(request.threads);
  const kernels = await chooseKernels(runtime, request.kernels);
  const network = prepareNetwork(request.backbone, request.head, request.network);
  trainer = await NetworkTrainer.open(runtime, network, { ...request.options, kernels });
  return { kernels: kernels.name };
}

async function chooseKernels(runtime: Runtime, choice: KernelChoice): Promise<Kernels> {
  const block = choice === "portable" ? undefined : await probeBlock(runtime);
  if (block !== undefined) return { name: "blocked", block };
  if (choice === "blocked") {
    throw new InputError("kernels blocked: this ONNX Runtime has no blocked operators here; say --kernels portable");
  }
  return { name: "portable" };
}
