/** Runs a model on one batch, and forgets it. */
import {
  encode,
  inference,
  lower,
  type Model,
  type NamedTensors,
  nodesOf,
  type Runtime,
  type Tensor,
} from "@grayling/core";

/** The outputs of a model with one input. */
export async function runModel(runtime: Runtime, model: Model, input: Tensor): Promise<NamedTensors> {
  const [{ name } = { name: "" }] = nodesOf(model.graph, "Input");
  const session = await runtime.open(encode(lower(model, inference)));
  try {
    return await session.run({ [name]: input });
  } finally {
    await session.release();
  }
}
