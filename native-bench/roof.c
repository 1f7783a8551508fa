/*
 * The yardstick of `spooldiff scan`: the same reads and the same digests, in plain C.
 *
 *   roof MODE THREADS ROOT        MODE: stat   fstatat() every message file
 *                                       read   open, fstat, read, close
 *                                       full   read, and MD5 + SHA-1 (OpenSSL EVP) + xxHash64 of every byte
 *                                       lanes  the same with MD5 and SHA-1 of 16 messages at once (lanes.h), but for
 *                                              messages of a megabyte and more; exit 3 where the processor cannot
 *
 * Walks ROOT, takes every message file (`12.`: a canonical decimal number and a dot), and prints one line:
 *
 *   files N bytes N md5 X sha1 X xxh64 X
 *
 * where X is the sum, modulo 2^64, of the first eight bytes (big-endian) of each file's digest. The sums keep the
 * compiler from dropping work, do not depend on the order of the files, and let the caller prove that every byte was
 * digested. It compares the digests with nothing and writes no manifest: it is what the work costs with all else
 * taken away. Exit 0; 1 when a file could not be read; 2 for usage; 3 without what `lanes` needs.
 *
 * cc -O2 -pthread roof.c lanes.c -o roof -lcrypto -lxxhash    (Debian: gcc libssl-dev libxxhash-dev)
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "lanes.h"

/* Messages up to this size are read and digested in one piece, larger ones in several. */
#define BUFFER_BYTES ((size_t)8 << 20)
#define MAX_THREADS 64

/* Messages from this size on are digested alone: too few of them come together to fill the lanes. */
#define LANE_BYTES ((size_t)1 << 20)
/* The lanes are filled when so many messages and bytes were read, or as many of either as there is room for. */
#define ENOUGH_MESSAGES 128
#define ENOUGH_BYTES ((size_t)768 << 10)
#define MOST_MESSAGES 4096
#define ARENA_BYTES ((size_t)16 << 20)

enum mode { MODE_STAT, MODE_READ, MODE_FULL, MODE_LANES };

struct totals {
  uint64_t files, bytes, md5, sha1, xxh64, failures;
};

struct worker {
  pthread_t thread;
  struct totals totals;
  unsigned char *buffer;
  EVP_MD_CTX *context;
  XXH64_state_t *xxh64;
  /* Messages that wait for the lanes. */
  unsigned char *arena;
  struct padded *waiting;
  size_t waiting_count, arena_used;
};

static enum mode mode;
static EVP_MD *md5, *sha1;
static char **directories;
static size_t directory_count, directory_room;
static atomic_size_t next_directory;

static void *checked(void *pointer, const char *what) {
  if (pointer == NULL) {
    fprintf(stderr, "roof: cannot get %s\n", what);
    exit(1);
  }
  return pointer;
}

static int is_message(const char *name) {
  const char *digit = name;
  if (*digit < '1' || *digit > '9') return 0;
  while (*digit >= '0' && *digit <= '9') digit++;
  return digit[0] == '.' && digit[1] == '\0';
}

/* Lists all directories before the threads start; each thread then lists the files of the directories it takes. */
static void collect_directories(char *path) {
  if (directory_count == directory_room) {
    directory_room = directory_room ? 2 * directory_room : 1024;
    directories = checked(realloc(directories, directory_room * sizeof *directories), "memory");
  }
  directories[directory_count++] = path;
  DIR *listing = opendir(path);
  if (listing == NULL) {
    fprintf(stderr, "roof: cannot list %s: %s\n", path, strerror(errno));
    exit(1);
  }
  for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    int is_directory = entry->d_type == DT_DIR;
    if (entry->d_type == DT_UNKNOWN) { /* file systems that keep no type in the directory */
      struct stat status;
      is_directory = fstatat(dirfd(listing), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
    }
    if (!is_directory) continue;
    char *child;
    if (asprintf(&child, "%s/%s", path, entry->d_name) < 0) checked(NULL, "memory");
    collect_directories(child);
  }
  closedir(listing);
}

static uint64_t first_eight(const unsigned char *digest) {
  uint64_t value = 0;
  for (int i = 0; i < 8; i++) value = value << 8 | digest[i];
  return value;
}

static uint64_t digest_piece(struct worker *self, const EVP_MD *algorithm, size_t length) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  if (!EVP_DigestInit_ex(self->context, algorithm, NULL) || !EVP_DigestUpdate(self->context, self->buffer, length) ||
      !EVP_DigestFinal_ex(self->context, digest, NULL))
    checked(NULL, "a digest");
  return first_eight(digest);
}

static int digests(void) { return mode == MODE_FULL || mode == MODE_LANES; }

static void digest_waiting(struct worker *self) {
  for (size_t i = 0; i < self->waiting_count; i++)
    self->totals.xxh64 += XXH64(self->waiting[i].bytes, self->waiting[i].length, 0);
  self->totals.md5 += lanes_md5(self->waiting, self->waiting_count);
  self->totals.sha1 += lanes_sha1(self->waiting, self->waiting_count);
  self->waiting_count = self->arena_used = 0;
}

/* A message for the lanes. */
static int read_waiting(struct worker *self, int fd, size_t size) {
  if (self->waiting_count == MOST_MESSAGES || self->arena_used + size + 1 + PADDING_BYTES > ARENA_BYTES) digest_waiting(self);
  unsigned char *bytes = self->arena + self->arena_used;
  ssize_t length = read(fd, bytes, size + 1);
  if (length < 0) return -1;
  self->totals.bytes += (uint64_t)length;
  self->waiting[self->waiting_count++] = pad(bytes, (size_t)length);
  self->arena_used += (size_t)length + PADDING_BYTES;
  if (self->waiting_count >= ENOUGH_MESSAGES && self->arena_used >= ENOUGH_BYTES) digest_waiting(self);
  return 0;
}

/* A message larger than the buffer, whose first piece has been read. */
static int digest_large(struct worker *self, int fd, ssize_t length) {
  EVP_MD_CTX *context[2] = {checked(EVP_MD_CTX_new(), "a digest"), checked(EVP_MD_CTX_new(), "a digest")};
  unsigned char digest[EVP_MAX_MD_SIZE];
  EVP_DigestInit_ex(context[0], md5, NULL);
  EVP_DigestInit_ex(context[1], sha1, NULL);
  XXH64_reset(self->xxh64, 0);
  for (; length > 0; length = read(fd, self->buffer, BUFFER_BYTES)) {
    self->totals.bytes += (uint64_t)length;
    if (!digests()) continue;
    for (int i = 0; i < 2; i++) EVP_DigestUpdate(context[i], self->buffer, (size_t)length);
    XXH64_update(self->xxh64, self->buffer, (size_t)length);
  }
  if (digests()) {
    EVP_DigestFinal_ex(context[0], digest, NULL);
    self->totals.md5 += first_eight(digest);
    EVP_DigestFinal_ex(context[1], digest, NULL);
    self->totals.sha1 += first_eight(digest);
    self->totals.xxh64 += XXH64_digest(self->xxh64);
  }
  for (int i = 0; i < 2; i++) EVP_MD_CTX_free(context[i]);
  return length < 0 ? -1 : 0;
}

/* Like spooldiff: one read, of one byte more than the size, proves that the file is neither shorter nor longer. */
static int read_message(struct worker *self, int directory, const char *name) {
  int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return -1;
  struct stat status;
  int outcome = fstat(fd, &status);
  if (outcome == 0 && !S_ISREG(status.st_mode)) outcome = -1;
  if (outcome == 0 && mode == MODE_LANES && status.st_size < (off_t)LANE_BYTES) {
    outcome = read_waiting(self, fd, (size_t)status.st_size);
  } else if (outcome == 0) {
    size_t wanted = status.st_size < (off_t)BUFFER_BYTES ? (size_t)status.st_size + 1 : BUFFER_BYTES;
    ssize_t length = read(fd, self->buffer, wanted);
    if (length < 0) {
      outcome = -1;
    } else if (status.st_size >= (off_t)BUFFER_BYTES) {
      outcome = digest_large(self, fd, length);
    } else {
      self->totals.bytes += (uint64_t)length;
      if (digests()) {
        self->totals.md5 += digest_piece(self, md5, (size_t)length);
        self->totals.sha1 += digest_piece(self, sha1, (size_t)length);
        self->totals.xxh64 += XXH64(self->buffer, (size_t)length, 0);
      }
    }
  }
  close(fd);
  return outcome;
}

static int stat_message(struct worker *self, int directory, const char *name) {
  struct stat status;
  if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return -1;
  self->totals.bytes += (uint64_t)status.st_size;
  return 0;
}

static void *work(void *argument) {
  struct worker *self = argument;
  for (size_t i; (i = atomic_fetch_add(&next_directory, 1)) < directory_count;) {
    DIR *listing = opendir(directories[i]);
    if (listing == NULL) {
      self->totals.failures++;
      continue;
    }
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
      if (!is_message(entry->d_name)) continue;
      int outcome = mode == MODE_STAT ? stat_message(self, dirfd(listing), entry->d_name)
                                      : read_message(self, dirfd(listing), entry->d_name);
      if (outcome == 0) self->totals.files++;
      else self->totals.failures++;
    }
    closedir(listing);
  }
  if (mode == MODE_LANES) digest_waiting(self);
  return NULL;
}

static int parse_mode(const char *word) {
  static const char *const words[] = {"stat", "read", "full", "lanes"};
  for (int i = 0; i < 4; i++)
    if (strcmp(word, words[i]) == 0) return i;
  return -1;
}

int main(int count, char **arguments) {
  int threads = count == 4 ? atoi(arguments[2]) : 0;
  int parsed = count == 4 ? parse_mode(arguments[1]) : -1;
  if (parsed < 0 || threads < 1 || threads > MAX_THREADS) {
    fprintf(stderr, "usage: roof stat|read|full|lanes THREADS ROOT\n");
    return 2;
  }
  mode = (enum mode)parsed;
  const char *missing = mode == MODE_LANES ? lanes_missing() : NULL;
  if (missing != NULL) {
    fprintf(stderr, "roof: %s\n", missing);
    return 3;
  }
  /* Fetched once: looking an algorithm up anew for each message would cost as much as a small one's digest. */
  md5 = checked(EVP_MD_fetch(NULL, "MD5", NULL), "MD5");
  sha1 = checked(EVP_MD_fetch(NULL, "SHA1", NULL), "SHA-1");
  collect_directories(checked(strdup(arguments[3]), "memory"));

  static struct worker workers[MAX_THREADS];
  for (int i = 0; i < threads; i++) {
    workers[i].buffer = checked(malloc(BUFFER_BYTES), "memory");
    workers[i].context = checked(EVP_MD_CTX_new(), "a digest");
    workers[i].xxh64 = checked(XXH64_createState(), "a digest");
    if (mode == MODE_LANES) {
      workers[i].arena = checked(malloc(ARENA_BYTES), "memory");
      workers[i].waiting = checked(calloc(MOST_MESSAGES, sizeof(struct padded)), "memory");
    }
    if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) checked(NULL, "a thread");
  }
  struct totals sum = {0};
  for (int i = 0; i < threads; i++) {
    pthread_join(workers[i].thread, NULL);
    const struct totals *part = &workers[i].totals;
    sum.files += part->files;
    sum.bytes += part->bytes;
    sum.md5 += part->md5;
    sum.sha1 += part->sha1;
    sum.xxh64 += part->xxh64;
    sum.failures += part->failures;
  }
  printf("files %" PRIu64 " bytes %" PRIu64 " md5 %016" PRIx64 " sha1 %016" PRIx64 " xxh64 %016" PRIx64 "\n", sum.files,
         sum.bytes, sum.md5, sum.sha1, sum.xxh64);
  if (sum.failures > 0) fprintf(stderr, "roof: %" PRIu64 " files or directories could not be read\n", sum.failures);
  return sum.failures > 0 ? 1 : 0;
}
