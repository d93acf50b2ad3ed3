/** How the pixels of a DICOM file are written, by its transfer syntax. */
import { InputError } from "@grayling/core";

/** `native`: the samples themselves; the other two are compressed frame by frame. */
export type PixelCoding = "native" | "rle" | "jpeg";

export interface TransferSyntax {
  readonly name: string;
  /** Undefined: we have no decoder for it. */
  readonly coding?: PixelCoding;
  readonly isImplicit?: boolean;
  readonly isBigEndian?: boolean;
  readonly isDeflated?: boolean;
}

/** The syntax of a UID. Throws `InputError` for one that is not decoded, by name, and says what to do. */
export function findTransferSyntax(uid: string): TransferSyntax & { readonly coding: PixelCoding } {
  const { name, coding, ...rest } = transferSyntaxes.get(uid) ?? { name: "transfer syntax" };
  if (coding) return { name, coding, ...rest };
  throw new InputError(`${name} (${uid}) is not decoded: ${howToConvert}`);
}

/** Of GDCM, which reads all that is common; in Python it is `decompress` of pydicom. */
export const howToConvert = "convert the DICOM file first, for instance with gdcmconv --raw in.dcm out.dcm";

const root = "1.2.840.10008.1.2";

/**
 * Source: DICOM PS3.6 2025a, table A-1. Of JPEG's processes 2 and 4, 8 bits are decoded and 12 are not, which the JPEG
 * itself tells.
 */
const transferSyntaxes: ReadonlyMap<string, TransferSyntax> = new Map(
  Object.entries<TransferSyntax>({
    [root]: { name: "Implicit VR Little Endian", coding: "native", isImplicit: true },
    [`${root}.1`]: { name: "Explicit VR Little Endian", coding: "native" },
    [`${root}.1.99`]: { name: "Deflated Explicit VR Little Endian", coding: "native", isDeflated: true },
    [`${root}.1.98`]: { name: "Encapsulated Uncompressed Explicit VR Little Endian" },
    [`${root}.2`]: { name: "Explicit VR Big Endian", coding: "native", isBigEndian: true },
    [`${root}.5`]: { name: "RLE Lossless", coding: "rle" },
    [`${root}.4.50`]: { name: "JPEG Baseline", coding: "jpeg" },
    [`${root}.4.51`]: { name: "JPEG Extended", coding: "jpeg" },
    [`${root}.4.57`]: { name: "JPEG Lossless" },
    ...retiredJpeg(),
    [`${root}.4.70`]: { name: "JPEG Lossless, First-Order Prediction" },
    [`${root}.4.80`]: { name: "JPEG-LS Lossless" },
    [`${root}.4.81`]: { name: "JPEG-LS Near-Lossless" },
    [`${root}.4.90`]: { name: "JPEG 2000 Lossless" },
    [`${root}.4.91`]: { name: "JPEG 2000" },
    [`${root}.4.92`]: { name: "JPEG 2000 Part 2 Lossless" },
    [`${root}.4.93`]: { name: "JPEG 2000 Part 2" },
    [`${root}.4.94`]: { name: "JPIP Referenced" },
    [`${root}.4.95`]: { name: "JPIP Referenced Deflate" },
    [`${root}.4.100`]: { name: "MPEG2 Main Profile" },
    [`${root}.4.100.1`]: { name: "Fragmentable MPEG2 Main Profile" },
    [`${root}.4.101`]: { name: "MPEG2 High Profile" },
    [`${root}.4.101.1`]: { name: "Fragmentable MPEG2 High Profile" },
    [`${root}.4.102`]: { name: "MPEG-4 AVC High Profile" },
    [`${root}.4.102.1`]: { name: "Fragmentable MPEG-4 AVC High Profile" },
    [`${root}.4.103`]: { name: "MPEG-4 AVC BD-compatible" },
    [`${root}.4.103.1`]: { name: "Fragmentable MPEG-4 AVC BD-compatible" },
    [`${root}.4.104`]: { name: "MPEG-4 AVC 4.2 for 2D Video" },
    [`${root}.4.104.1`]: { name: "Fragmentable MPEG-4 AVC 4.2 for 2D Video" },
    [`${root}.4.105`]: { name: "MPEG-4 AVC 4.2 for 3D Video" },
    [`${root}.4.105.1`]: { name: "Fragmentable MPEG-4 AVC 4.2 for 3D Video" },
    [`${root}.4.106`]: { name: "MPEG-4 AVC Stereo" },
    [`${root}.4.106.1`]: { name: "Fragmentable MPEG-4 AVC Stereo" },
    [`${root}.4.107`]: { name: "HEVC Main Profile" },
    [`${root}.4.108`]: { name: "HEVC Main 10 Profile" },
    [`${root}.4.110`]: { name: "JPEG XL Lossless" },
    [`${root}.4.111`]: { name: "JPEG XL JPEG Recompression" },
    [`${root}.4.112`]: { name: "JPEG XL" },
    [`${root}.4.201`]: { name: "High-Throughput JPEG 2000 Lossless" },
    [`${root}.4.202`]: { name: "High-Throughput JPEG 2000 RPCL Lossless" },
    [`${root}.4.203`]: { name: "High-Throughput JPEG 2000" },
    [`${root}.4.204`]: { name: "JPIP HTJ2K Referenced" },
    [`${root}.4.205`]: { name: "JPIP HTJ2K Referenced Deflate" },
    [`${root}.8.1`]: { name: "Deflated Image Frame Compression" },
  }),
);

/** Processes of JPEG that DICOM retired, and old files may have. */
function retiredJpeg(): Record<string, TransferSyntax> {
  const processes = [52, 53, 54, 55, 56, 58, 59, 60, 61, 62, 63, 64, 65, 66];
  return Object.fromEntries(processes.map((last) => [`${root}.4.${last}`, { name: "JPEG of a retired process" }]));
}
