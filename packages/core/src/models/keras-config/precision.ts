/** The numbers that a layer of Keras computes in. */
import * as v from "valibot";
import { refuse, shown } from "./refuse.js";

/** A name, or a policy of Keras 2 or 3. */
const Policy = v.union([
  v.string(),
  v.object({ class_name: v.picklist(["DTypePolicy", "Policy"]), config: v.object({ name: v.string() }) }),
]);

const others = ["float16", "bfloat16", "float64", "mixed_float16", "mixed_bfloat16"];

/** A sentence where Keras rounds otherwise than float32. Throws `WeightsError` for quantized numbers. */
export function checkPrecision(dtype: unknown, subject: string): string | undefined {
  if (dtype === undefined || dtype === null) return undefined;
  const policy = v.safeParse(Policy, dtype);
  const name = policy.success && (typeof policy.output === "string" ? policy.output : policy.output.config.name);
  if (name === "float32") return undefined;
  if (name === false || !others.includes(name)) {
    const got = shown(name === false ? dtype : name);
    return refuse(subject, `dtype: expected float32 or one of ${others.join(", ")}, got ${got}`);
  }
  return `Keras computes in ${name} here, grayling in float32: results differ by ${name === "float64" ? "float32's" : "the former's"} rounding`;
}
