/** Loads sharp (libvips), shut down to what we need. */

/** What makes a picture from bytes: `sharp(bytes, options)`. */
export type LoadedSharp = typeof import("sharp").default;

/** The formats we read through libvips, by the names of its loaders. From memory only: files are read by ourselves. */
const allowedLoaders = ["Jpeg", "Png", "Webp", "Tiff", "Nsgif"].map((format) => `VipsForeignLoad${format}Buffer`);

/** Module state, against our rule, since what it stands for is the process's: sharp's settings can be made only once. */
let loading: Promise<LoadedSharp> | undefined;

/**
 * Loads sharp when first needed (it is native: a command that reads no pictures does not pay for it) and sets, for the
 * whole process, as sharp offers no other way:
 * - every loader but five is blocked, so that no untrusted file reaches the SVG, PDF, HEIF … parsers. Only once: while
 *   all are blocked, pictures that decode on other threads would be refused;
 * - one thread per picture: several pictures are decoded at once, and inference wants the cores as well;
 * - no cache: every picture is read once.
 */
export function loadSharp(): Promise<LoadedSharp> {
  loading ??= loadAndShutDown();
  return loading;
}

async function loadAndShutDown(): Promise<LoadedSharp> {
  const { default: sharp } = await import("sharp");
  sharp.block({ operation: ["VipsForeignLoad"] });
  sharp.unblock({ operation: allowedLoaders });
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}
