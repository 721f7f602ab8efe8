/*
 * Preloaded into a process. A control file, read at every call, holds "ERRNO SECONDS": the error of writes to files whose path
 * contains $INJECT_PATH (0: none), and an offset of the wall clock.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void control(int *error, long *seconds) {
  char text[64];
  const char *path = getenv("INJECT_CONTROL");
  *error = 0;
  *seconds = 0;
  if (path == NULL) return;
  int file = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
  if (file < 0) return;
  ssize_t length = syscall(SYS_read, file, text, sizeof text - 1);
  syscall(SYS_close, file);
  if (length <= 0) return;
  text[length] = 0;
  sscanf(text, "%d %ld", error, seconds);
}

static int fails(const char *path) {
  const char *part = getenv("INJECT_PATH");
  int error;
  long seconds;
  if (part == NULL || *part == 0 || strstr(path, part) == NULL) return 0;
  control(&error, &seconds);
  return error;
}

static int descriptor_fails(int file) {
  char link[40], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return fails(path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAILING(type, name, parameters, arguments) \
  type name parameters { \
    int error = descriptor_fails(file); \
    if (error != 0) { errno = error; return -1; } \
    return REAL(name) arguments; \
  }

FAILING(ssize_t, write, (int file, const void *from, size_t size), (file, from, size))
FAILING(ssize_t, pwrite, (int file, const void *from, size_t size, off_t at), (file, from, size, at))
FAILING(ssize_t, pwrite64, (int file, const void *from, size_t size, off64_t at), (file, from, size, at))
FAILING(int, fsync, (int file), (file))
FAILING(int, fdatasync, (int file), (file))
FAILING(int, ftruncate, (int file, off_t size), (file, size))
FAILING(int, ftruncate64, (int file, off64_t size), (file, size))

#define OPENING(name) \
  int name(const char *path, int flags, ...) { \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = va_arg(rest, mode_t); \
    va_end(rest); \
    int error = (flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0 ? fails(path) : 0; \
    if (error != 0) { errno = error; return -1; } \
    return REAL(name)(path, flags, mode); \
  }
OPENING(open)
OPENING(open64)

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = syscall(SYS_clock_gettime, clock, time), error;
  long seconds;
  if (clock == CLOCK_REALTIME) {
    control(&error, &seconds);
    time->tv_sec += seconds;
  }
  return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}
