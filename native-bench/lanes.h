/*
 * MD5 and SHA-1 of 16 messages at once, one in each 32-bit lane of AVX-512 registers: about the most that a processor
 * can do for `roof.c`. Needs AVX-512 F and BW.
 */
#include <stddef.h>
#include <stdint.h>

/* A message as both algorithms want it: 0x80, zeros and eight bytes of length behind it, up to a whole block of 64. */
struct padded {
  unsigned char *bytes;
  size_t length, blocks;
};

/* Room that padding takes at most behind a message. */
#define PADDING_BYTES 72

/* Why there are no lanes on this machine, or NULL. */
const char *lanes_missing(void);

/* Pads a message in place. */
struct padded pad(unsigned char *bytes, size_t length);

/* The sums of the first eight bytes, big-endian, of the digests. Both change the order of the messages. */
uint64_t lanes_md5(struct padded *messages, size_t count);
uint64_t lanes_sha1(struct padded *messages, size_t count);
