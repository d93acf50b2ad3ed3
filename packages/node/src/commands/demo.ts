/** `grayling demo`. */
import type { Command } from "commander";
import type { Console } from "./console.js";

export function defineDemo(_program: Command, _console: Console): void {}
