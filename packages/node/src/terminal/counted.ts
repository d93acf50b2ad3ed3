/** Numbers with what they count. */
import { grouped } from "@grayling/core";

/** "1 image", "2 images" */
export const counted = (count: number, noun: string): string => `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
