/** The key under which features are kept: whatever gives other features for the same file is in it. */
import { createHash } from "node:crypto";
import { fullWindow, type SettledWindow, showWindow } from "@grayling/core";
import type { Trunk } from "./trunk.js";

/** `device` is part of it, since other devices compute in other precision. On the cpu, of `full`, it is the trunk's key. */
export function featureKey({ key }: Pick<Trunk, "key">, device: string, window: SettledWindow = fullWindow): string {
  const windowed =
    window.kind === "full"
      ? key
      : createHash("sha256")
          .update(`${key} window ${showWindow(window)}`)
          .digest("hex");
  return device === "cpu" ? windowed : `${device}-${windowed}`;
}
