// For LD_PRELOAD: ends the process with SIGKILL just before the Nth system call on what lies below a folder, counted
// over all threads (strace counts each thread by itself).
//
// KILLED_BELOW: the folder. KILLED_AT: which call, from 1; absent: none. KILLED_LIST: a file that lists the calls.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_int calls;

static void count(const char *call, const char *path) {
  const char *folder = getenv("KILLED_BELOW"), *list = getenv("KILLED_LIST"), *at = getenv("KILLED_AT");
  if (!folder || strncmp(path, folder, strlen(folder)) != 0) return;
  int number = atomic_fetch_add(&calls, 1) + 1;
  FILE *file = list ? fopen(list, "ae") : NULL;
  if (file) {
    fprintf(file, "%s %s\n", call, path + strlen(folder));
    fclose(file);
  }
  if (at && atoi(at) == number) kill(getpid(), SIGKILL);
}

static void count_descriptor(const char *call, int descriptor) {
  char link[32], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return;
  path[length] = 0;
  count(call, path);
}

static void count_at(const char *call, int folder, const char *path) {
  if (path[0] == '/') {
    count(call, path);
  } else if (folder != AT_FDCWD) {
    count_descriptor(call, folder);
  }
}

// A stand-in for NAME: the parameters, what counts the call, and the arguments that go on.
#define STAND_IN(result, name, parameters, counting, arguments)         \
  result name parameters {                                              \
    counting;                                                           \
    return ((result(*) parameters)dlsym(RTLD_NEXT, #name)) arguments;   \
  }

#define OPENING(name)                                                                                      \
  int name(const char *path, int flags, ...) {                                                             \
    va_list rest;                                                                                          \
    va_start(rest, flags);                                                                                 \
    mode_t mode = va_arg(rest, mode_t);                                                                    \
    va_end(rest);                                                                                          \
    count(#name, path);                                                                                    \
    return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name))(path, flags, mode);                  \
  }

#define OPENING_AT(name)                                                                                   \
  int name(int folder, const char *path, int flags, ...) {                                                 \
    va_list rest;                                                                                          \
    va_start(rest, flags);                                                                                 \
    mode_t mode = va_arg(rest, mode_t);                                                                    \
    va_end(rest);                                                                                          \
    count_at(#name, folder, path);                                                                         \
    return ((int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, #name))(folder, path, flags, mode);     \
  }

OPENING(open)
OPENING(open64)
OPENING_AT(openat)
OPENING_AT(openat64)
STAND_IN(int, mkdir, (const char *path, mode_t mode), count("mkdir", path), (path, mode))
STAND_IN(int, unlink, (const char *path), count("unlink", path), (path))
STAND_IN(int, renameat, (int from, const char *old, int to, const char *new), count_at("renameat", from, old),
         (from, old, to, new))
STAND_IN(ssize_t, write, (int descriptor, const void *bytes, size_t size), count_descriptor("write", descriptor),
         (descriptor, bytes, size))
STAND_IN(ssize_t, pwrite, (int descriptor, const void *bytes, size_t size, off_t offset),
         count_descriptor("pwrite", descriptor), (descriptor, bytes, size, offset))
STAND_IN(ssize_t, pwrite64, (int descriptor, const void *bytes, size_t size, off64_t offset),
         count_descriptor("pwrite64", descriptor), (descriptor, bytes, size, offset))
STAND_IN(int, ftruncate, (int descriptor, off_t size), count_descriptor("ftruncate", descriptor), (descriptor, size))
STAND_IN(int, ftruncate64, (int descriptor, off64_t size), count_descriptor("ftruncate64", descriptor),
         (descriptor, size))
STAND_IN(int, fsync, (int descriptor), count_descriptor("fsync", descriptor), (descriptor))
STAND_IN(int, fdatasync, (int descriptor), count_descriptor("fdatasync", descriptor), (descriptor))
