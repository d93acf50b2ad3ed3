/** A download on the terminal. */
import type { Progress } from "../terminal/progress.js";
import type { DownloadProgress } from "../weights/receive.js";

/** Shows what has come, in KiB; where the size is not known, as all there is. */
export function reportDownload(progress: Progress): (download: DownloadProgress) => void {
  return ({ receivedBytes, totalBytes }) => {
    progress.update("download", kibibytes(receivedBytes), kibibytes(totalBytes ?? receivedBytes), "KiB");
  };
}

const kibibytes = (bytes: number) => Math.floor(bytes / 1024);
