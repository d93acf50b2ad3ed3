import { expect, it } from "vitest";
import { crc32c, maskedCrc32c } from "./crc32c.js";

// RFC 3720, appendix B.4, where the bytes of each checksum stand in the order of the wire.
it.each<[string, Uint8Array, number]>([
  ["32 bytes of zero", new Uint8Array(32), 0x8a9136aa],
  ["32 bytes of ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["32 bytes that rise", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ["32 bytes that fall", Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  [
    "an iSCSI read command",
    Uint8Array.from([
      ...[
        0x01, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0, 0x14, 0, 0, 0,
        0x18,
      ],
      ...[0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0],
    ]),
    0xd9963a56,
  ],
])("of %s is what the RFC says", (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

it("is masked as TensorBoard masks it", () => {
  // tensorboard 2.21.0, RecordWriter: the checksum behind the record "grayling"
  expect(maskedCrc32c(new TextEncoder().encode("grayling"))).toBe(0x3bf0a13c);
});
