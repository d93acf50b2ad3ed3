/** A file of TensorBoard's events, which grows as they happen. */
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { maskedCrc32c } from "./crc32c.js";
import { imageEvent, type Scalars, type SummaryImage, scalarsEvent, versionEvent } from "./event-message.js";

/** Of a moment in ms since 1970. */
export type Clock = () => number;

/**
 * Written at once, event by event, so that TensorBoard sees a training as it goes, and a killed one leaves all but the last
 * event. The folder is made with the file. Throws what the file system throws.
 */
export class EventFile {
  readonly #file: number;

  /** `startedAt`, ms since 1970, is in the name: TensorBoard reads the files of a folder in the order of their names. */
  constructor(folder: string, startedAt: number) {
    mkdirSync(folder, { recursive: true });
    this.#file = openNew(folder, Math.floor(startedAt / 1000));
    this.#write(versionEvent(startedAt / 1000));
  }

  scalars(at: number, step: number, scalars: Scalars): void {
    this.#write(scalarsEvent(at / 1000, step, scalars));
  }

  image(at: number, step: number, image: SummaryImage): void {
    this.#write(imageEvent(at / 1000, step, image));
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(event: Uint8Array): void {
    writeSync(this.#file, record(event));
  }
}

/** A name without the machine's, which TensorBoard does not read. */
function openNew(folder: string, seconds: number): number {
  for (let number = 0; ; number++) {
    const name = `events.out.tfevents.${String(seconds).padStart(10, "0")}.grayling.${number}.v2`;
    try {
      return openSync(join(folder, name), "wx");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/**
 * Length, its checksum, the content, its checksum; little-endian.
 * Source: tensorboard 2.21, `tensorboard/summary/writer/record_writer.py`.
 */
function record(content: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(8 + 4 + content.length + 4);
  bytes.writeBigUInt64LE(BigInt(content.length), 0);
  bytes.writeUInt32LE(maskedCrc32c(bytes.subarray(0, 8)), 8);
  bytes.set(content, 12);
  bytes.writeUInt32LE(maskedCrc32c(content), 12 + content.length);
  return bytes;
}
