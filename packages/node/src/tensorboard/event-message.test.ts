import { expect, it } from "vitest";
import { imageEvent, scalarsEvent, versionEvent } from "./event-message.js";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

// tensorboard 2.21.0: `event_pb2.Event(…).SerializeToString().hex()` of the same values.
it("writes a file's version as TensorBoard's own classes do", () => {
  expect(hex(versionEvent(1700000000.25))).toBe("0900001040fc54d9411a0d627261696e2e4576656e743a32");
});

it("writes scalars, with tags of any letters and values that are no numbers", () => {
  expect(hex(scalarsEvent(1700000000.5, 300, { epoch_loss: 0.1, größe: Number.NaN }))).toBe(
    "0900002040fc54d94110ac022a230a110a0a65706f63685f6c6f737315cdcccc3d0a0e0a076772c3b6c39f65150000c07f",
  );
});

it("writes images", () => {
  const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47);
  expect(hex(imageEvent(1700000000.5, 5, { tag: "confusion", width: 300, height: 3, png }))).toBe(
    "0900002040fc54d94110052a1c0a1a0a09636f6e667573696f6e220d080310ac021803220489504e47",
  );
});
