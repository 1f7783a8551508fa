/* See lanes.h. RFC 1321 and RFC 3174 are where the steps and the numbers come from. */
#include "lanes.h"

/* clang knows no such pragma, and other processors no such registers. */
#if defined(__x86_64__) && !defined(__clang__)

#pragma GCC target("avx512f,avx512bw")
#include <immintrin.h>
#include <stdlib.h>
#include <string.h>

#define LANES 16
#define BLOCK_BYTES 64

/* One 32-bit word of each of the 16 messages. */
typedef __m512i words;

/* What the lanes have come to: the state of each digest, and where in its message each lane is. */
struct lanes {
  uint32_t state[5][LANES];
  const unsigned char *at[LANES];
  size_t step[LANES]; /* BLOCK_BYTES, or 0 for a lane without a message */
};

/* The two algorithms, as far as they differ for who fills the lanes. */
struct algorithm {
  void (*advance)(struct lanes *lanes, size_t blocks);
  int state_words;
  uint32_t start[5];
  int is_big_endian;
};

const char *lanes_missing(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") ? NULL : "this processor has no AVX-512";
}

static words add(words a, words b) { return _mm512_add_epi32(a, b); }

/* Bitwise functions of three words, by their truth tables. */
#define CHOOSE(b, c, d) _mm512_ternarylogic_epi32(b, c, d, 0xca)   /* b ? c : d */
#define CHOOSE_BY_LAST(b, c, d) _mm512_ternarylogic_epi32(b, c, d, 0xe4) /* d ? b : c */
#define PARITY(b, c, d) _mm512_ternarylogic_epi32(b, c, d, 0x96)   /* b ^ c ^ d */
#define MAJORITY(b, c, d) _mm512_ternarylogic_epi32(b, c, d, 0xe8)
#define OR_NOT(b, c, d) _mm512_ternarylogic_epi32(b, c, d, 0x39)   /* c ^ (b | ~d) */

/* From a block of each message to a word of all: element j of row i goes to element i of row j. */
static void transpose(words row[LANES]) {
  words pair[LANES], four[LANES];
  for (int i = 0; i < LANES; i += 2) {
    pair[i] = _mm512_unpacklo_epi32(row[i], row[i + 1]);
    pair[i + 1] = _mm512_unpackhi_epi32(row[i], row[i + 1]);
  }
  for (int i = 0; i < LANES; i += 4) {
    four[i] = _mm512_unpacklo_epi64(pair[i], pair[i + 2]);
    four[i + 1] = _mm512_unpackhi_epi64(pair[i], pair[i + 2]);
    four[i + 2] = _mm512_unpacklo_epi64(pair[i + 1], pair[i + 3]);
    four[i + 3] = _mm512_unpackhi_epi64(pair[i + 1], pair[i + 3]);
  }
  /* four[4 g + k] holds, in its quarter q, word 4 q + k of the messages 4 g … 4 g + 3. */
  for (int k = 0; k < 4; k++) {
    words low = _mm512_shuffle_i32x4(four[k], four[4 + k], 0x44), high = _mm512_shuffle_i32x4(four[k], four[4 + k], 0xee);
    words low2 = _mm512_shuffle_i32x4(four[8 + k], four[12 + k], 0x44);
    words high2 = _mm512_shuffle_i32x4(four[8 + k], four[12 + k], 0xee);
    row[k] = _mm512_shuffle_i32x4(low, low2, 0x88);
    row[4 + k] = _mm512_shuffle_i32x4(low, low2, 0xdd);
    row[8 + k] = _mm512_shuffle_i32x4(high, high2, 0x88);
    row[12 + k] = _mm512_shuffle_i32x4(high, high2, 0xdd);
  }
}

/* The next block of every lane. */
static void take_block(struct lanes *lanes, words block[LANES]) {
  for (int i = 0; i < LANES; i++) {
    block[i] = _mm512_loadu_si512(lanes->at[i]);
    lanes->at[i] += lanes->step[i];
  }
}

/* floor(2^32 * |sin(i + 1)|) */
static const uint32_t md5_constants[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

/* Step i of the 64; each round has its own function, way through the 16 words, and turns. */
#define MD5_STEP(a, b, c, d, mix, i, by, from, turn)                                                   \
  a = add(add(a, w[((by) * (i) + (from)) & 15]), add(_mm512_set1_epi32((int)md5_constants[i]), mix(b, c, d))); \
  a = add(b, _mm512_rol_epi32(a, turn));
#define MD5_FOUR(mix, i, by, from, t0, t1, t2, t3)   \
  MD5_STEP(a, b, c, d, mix, i, by, from, t0)         \
  MD5_STEP(d, a, b, c, mix, (i) + 1, by, from, t1)   \
  MD5_STEP(c, d, a, b, mix, (i) + 2, by, from, t2)   \
  MD5_STEP(b, c, d, a, mix, (i) + 3, by, from, t3)
#define MD5_ROUND(mix, i, ...)             \
  MD5_FOUR(mix, i, __VA_ARGS__)            \
  MD5_FOUR(mix, (i) + 4, __VA_ARGS__)      \
  MD5_FOUR(mix, (i) + 8, __VA_ARGS__)      \
  MD5_FOUR(mix, (i) + 12, __VA_ARGS__)

static void advance_md5(struct lanes *lanes, size_t blocks) {
  words state[4];
  for (int i = 0; i < 4; i++) state[i] = _mm512_loadu_si512(lanes->state[i]);
  while (blocks-- > 0) {
    words w[LANES];
    take_block(lanes, w);
    transpose(w);
    words a = state[0], b = state[1], c = state[2], d = state[3];
    MD5_ROUND(CHOOSE, 0, 1, 0, 7, 12, 17, 22)
    MD5_ROUND(CHOOSE_BY_LAST, 16, 5, 1, 5, 9, 14, 20)
    MD5_ROUND(PARITY, 32, 3, 5, 4, 11, 16, 23)
    MD5_ROUND(OR_NOT, 48, 7, 0, 6, 10, 15, 21)
    state[0] = add(state[0], a);
    state[1] = add(state[1], b);
    state[2] = add(state[2], c);
    state[3] = add(state[3], d);
  }
  for (int i = 0; i < 4; i++) _mm512_storeu_si512(lanes->state[i], state[i]);
}

/* From step 16 on a word is made of four earlier ones, in the place of the oldest. */
#define SHA1_WORD(i)                                                                                            \
  if ((i) >= 16)                                                                                                \
    w[(i) & 15] = _mm512_rol_epi32(                                                                             \
        _mm512_xor_si512(PARITY(w[((i) + 13) & 15], w[((i) + 8) & 15], w[((i) + 2) & 15]), w[(i) & 15]), 1);
#define SHA1_STEP(a, b, c, d, e, mix, i, constant)                                                             \
  SHA1_WORD(i)                                                                                                  \
  e = add(add(e, w[(i) & 15]), add(_mm512_set1_epi32((int)(constant)), add(mix(b, c, d), _mm512_rol_epi32(a, 5)))); \
  b = _mm512_rol_epi32(b, 30);
#define SHA1_FIVE(mix, i, constant)                    \
  SHA1_STEP(a, b, c, d, e, mix, i, constant)           \
  SHA1_STEP(e, a, b, c, d, mix, (i) + 1, constant)     \
  SHA1_STEP(d, e, a, b, c, mix, (i) + 2, constant)     \
  SHA1_STEP(c, d, e, a, b, mix, (i) + 3, constant)     \
  SHA1_STEP(b, c, d, e, a, mix, (i) + 4, constant)
#define SHA1_ROUND(mix, i, constant)      \
  SHA1_FIVE(mix, i, constant)             \
  SHA1_FIVE(mix, (i) + 5, constant)       \
  SHA1_FIVE(mix, (i) + 10, constant)      \
  SHA1_FIVE(mix, (i) + 15, constant)

static void advance_sha1(struct lanes *lanes, size_t blocks) {
  const words other_end = _mm512_broadcast_i32x4(_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));
  words state[5];
  for (int i = 0; i < 5; i++) state[i] = _mm512_loadu_si512(lanes->state[i]);
  while (blocks-- > 0) {
    words w[LANES];
    take_block(lanes, w);
    for (int i = 0; i < LANES; i++) w[i] = _mm512_shuffle_epi8(w[i], other_end);
    transpose(w);
    words a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    SHA1_ROUND(CHOOSE, 0, 0x5a827999)
    SHA1_ROUND(PARITY, 20, 0x6ed9eba1)
    SHA1_ROUND(MAJORITY, 40, 0x8f1bbcdc)
    SHA1_ROUND(PARITY, 60, 0xca62c1d6)
    state[0] = add(state[0], a);
    state[1] = add(state[1], b);
    state[2] = add(state[2], c);
    state[3] = add(state[3], d);
    state[4] = add(state[4], e);
  }
  for (int i = 0; i < 5; i++) _mm512_storeu_si512(lanes->state[i], state[i]);
}

static const struct algorithm md5_lanes = {advance_md5, 4, {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0}, 0};
static const struct algorithm sha1_lanes = {
    advance_sha1, 5, {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}, 1};

struct padded pad(unsigned char *bytes, size_t length) {
  struct padded message = {bytes, length, (length + 9 + BLOCK_BYTES - 1) / BLOCK_BYTES};
  memset(bytes + length, 0, message.blocks * BLOCK_BYTES - length);
  bytes[length] = 0x80;
  return message;
}

static void write_length(const struct padded *message, int is_big_endian) {
  uint64_t bits = (uint64_t)message->length * 8;
  if (is_big_endian) bits = __builtin_bswap64(bits);
  memcpy(message->bytes + message->blocks * BLOCK_BYTES - 8, &bits, 8);
}

static int by_blocks_downwards(const void *a, const void *b) {
  const struct padded *one = a, *other = b;
  return (one->blocks < other->blocks) - (one->blocks > other->blocks);
}

/* Keeps the lanes full: all go on by as many blocks as the shortest has left, then those that ended get a new message. */
static uint64_t digest_sum(const struct algorithm *algorithm, struct padded *messages, size_t count) {
  static const unsigned char nothing[BLOCK_BYTES];
  struct lanes lanes;
  size_t left[LANES], next = 0, busy = 0;
  uint64_t sum = 0;
  qsort(messages, count, sizeof *messages, by_blocks_downwards);
  for (int i = 0; i < LANES; i++) {
    left[i] = 0;
    lanes.at[i] = nothing;
    lanes.step[i] = 0;
  }
  memset(lanes.state, 0, sizeof lanes.state);
  for (;;) {
    size_t shortest = SIZE_MAX;
    for (int i = 0; i < LANES; i++) {
      if (left[i] == 0 && next < count) {
        write_length(&messages[next], algorithm->is_big_endian);
        for (int word = 0; word < algorithm->state_words; word++) lanes.state[word][i] = algorithm->start[word];
        lanes.at[i] = messages[next].bytes;
        lanes.step[i] = BLOCK_BYTES;
        left[i] = messages[next++].blocks;
        busy++;
      }
      if (left[i] != 0 && left[i] < shortest) shortest = left[i];
    }
    if (busy == 0) return sum;
    algorithm->advance(&lanes, shortest);
    for (int i = 0; i < LANES; i++) {
      if (left[i] == 0 || (left[i] -= shortest) != 0) continue;
      uint32_t first = lanes.state[0][i], second = lanes.state[1][i];
      if (!algorithm->is_big_endian) {
        first = __builtin_bswap32(first);
        second = __builtin_bswap32(second);
      }
      sum += (uint64_t)first << 32 | second;
      lanes.at[i] = nothing;
      lanes.step[i] = 0;
      busy--;
    }
  }
}

uint64_t lanes_md5(struct padded *messages, size_t count) { return digest_sum(&md5_lanes, messages, count); }

uint64_t lanes_sha1(struct padded *messages, size_t count) { return digest_sum(&sha1_lanes, messages, count); }

#else

const char *lanes_missing(void) { return "it was not compiled by gcc for x86-64"; }

struct padded pad(unsigned char *bytes, size_t length) { return (struct padded){bytes, length, 0}; }

uint64_t lanes_md5(struct padded *messages, size_t count) { return messages == NULL ? count : 0; }

uint64_t lanes_sha1(struct padded *messages, size_t count) { return messages == NULL ? count : 0; }

#endif
