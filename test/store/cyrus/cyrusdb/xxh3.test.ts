import assert from "node:assert/strict";
import { it } from "node:test";
import { xxh3 } from "../../../../src/store/cyrus/cyrusdb/xxh3.ts";

/** Length of an input, and what XXH3_64bits of libxxhash 0.8.1 gives for it. */
const VECTORS: readonly (readonly [number, string])[] = [
  [0, "2d06800538d394c2"],
  [1, "13e608bc156defed"],
  [2, "a2363924c12599f7"],
  [3, "974a8c6fa70c32a8"],
  [4, "d53c28cdece5352d"],
  [5, "366af0b9f274812e"],
  [8, "d4d9e4c499ebd3fc"],
  [9, "d6fde0887a1893ca"],
  [15, "056888f711e5efe9"],
  [16, "ca4738193200d5bf"],
  [17, "02ec68113d62488b"],
  [31, "48718c7fdf8802a0"],
  [32, "d5cb55f2bd3ab281"],
  [33, "177fc93b526aa0a0"],
  [64, "37d7807c33e74a3c"],
  [65, "ff48cb982e5fcb12"],
  [96, "ef2dac2823b8855c"],
  [97, "2fcb41d8c85c1417"],
  [128, "a67ae43aec758836"],
  [129, "fb628a6571944e54"],
  [143, "cb394ca9df38ceb7"],
  [144, "e8e97089012661c3"],
  [159, "b55e2c77aa5c3fdf"],
  [160, "8a4b64edb4e9640d"],
  [239, "411dcd826ea3fd7d"],
  [240, "2408051b9d580275"],
  [241, "ef630bb6bb6cfe02"],
  [255, "bcca707bc06d9fe7"],
  [256, "52fef52244b0c88c"],
  [257, "80e9d6d3c637bc5c"],
  [512, "9067c035e410c0b4"],
  [513, "d2d7dc01aee7c165"],
  [1023, "430bd3e6b1d6f463"],
  [1024, "46703f18d0b7abc5"],
  [1025, "178c11ef15cb206e"],
  [1087, "63c4ab51e885e74f"],
  [1088, "5ae094d2d2efb3db"],
  [1089, "852b42752ad931d6"],
  [2048, "3dd2764ed338d910"],
  [4097, "f29c5f783fd641fe"],
  [10000, "f30cb507c632509e"],
];

it("xxh3() gives what libxxhash gives, for inputs of every path through it", () => {
  for (const [length, expected] of VECTORS) {
    const input = Uint8Array.from({ length }, (_, i) => (i * 131 + (i >> 8) * 7 + 3) & 255);
    assert.equal(xxh3(input).toString(16).padStart(16, "0"), expected, `${length} bytes`);
  }
});
