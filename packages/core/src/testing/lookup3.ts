/** HDF5's checksum of metadata: Bob Jenkins' `hashlittle` of lookup3.c, 2006, public domain, https://burtleburtle.net/bob/c/lookup3.c */

const rotate = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits));

/** An unsigned number of 32 bits. */
export function hashLittle(bytes: Uint8Array): number {
  let a = (0xdeadbeef + bytes.length) | 0;
  let [b, c] = [a, a];
  let at = 0;
  const byte = (n: number) => bytes[n] ?? 0; // zeros behind the end
  const word = (n: number) => byte(n) | (byte(n + 1) << 8) | (byte(n + 2) << 16) | (byte(n + 3) << 24);
  const add = () => {
    a = (a + word(at)) | 0;
    b = (b + word(at + 4)) | 0;
    c = (c + word(at + 8)) | 0;
  };
  for (; bytes.length - at > 12; at += 12) {
    add();
    for (const [bitsA, bitsC, bitsB] of [
      [4, 6, 8],
      [16, 19, 4],
    ] as const) {
      a = ((a - c) ^ rotate(c, bitsA)) | 0;
      c = (c + b) | 0;
      b = ((b - a) ^ rotate(a, bitsC)) | 0;
      a = (a + c) | 0;
      c = ((c - b) ^ rotate(b, bitsB)) | 0;
      b = (b + a) | 0;
    }
  }
  if (at === bytes.length) return c >>> 0;
  add();
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return c >>> 0;
}
