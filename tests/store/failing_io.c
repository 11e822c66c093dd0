/* Makes writing fail: preloaded into a child process, it counts pwrite, write and fsync on the files of an archive
 * and lets one of them go wrong.
 *
 * ARCHIVER_FAIL_AT    which call, from 1
 * ARCHIVER_FAIL_HOW   enospc, eio: the call fails; short: half is written, then enospc;
 *                     dead, full: it fails with eio, enospc, and all after it do
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long calls, at;
static char how[16];

__attribute__((constructor)) static void start(void) {
    const char *number = getenv("ARCHIVER_FAIL_AT"), *manner = getenv("ARCHIVER_FAIL_HOW");
    at = number ? atol(number) : 0;
    snprintf(how, sizeof how, "%s", manner ? manner : "eio");
}

static int is_ours(int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, ".db") != NULL && strstr(path, "-shm") == NULL;
}

static int fails(int file) {
    if (!at || !is_ours(file)) return 0;
    calls++;
    return calls == at || (calls > at && (strcmp(how, "dead") == 0 || strcmp(how, "full") == 0));
}

static int problem(void) { return strcmp(how, "eio") == 0 || strcmp(how, "dead") == 0 ? EIO : ENOSPC; }

ssize_t pwrite64(int file, const void *data, size_t size, off64_t where) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
    if (fails(file)) {
        if (strcmp(how, "short") == 0 && size > 1) real(file, data, size / 2, where);
        errno = problem();
        return -1;
    }
    return real(file, data, size, where);
}

ssize_t pwrite(int file, const void *data, size_t size, off_t where) { return pwrite64(file, data, size, where); }

ssize_t write(int file, const void *data, size_t size) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = dlsym(RTLD_NEXT, "write");
    if (fails(file)) {
        errno = problem();
        return -1;
    }
    return real(file, data, size);
}

int fsync(int file) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fsync");
    if (fails(file)) {
        errno = EIO;
        return -1;
    }
    return real(file);
}

int fdatasync(int file) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
    if (fails(file)) {
        errno = EIO;
        return -1;
    }
    return real(file);
}

int ftruncate64(int file, off64_t size) {
    static int (*real)(int, off64_t);
    if (!real) real = dlsym(RTLD_NEXT, "ftruncate64");
    if (fails(file)) {
        errno = problem();
        return -1;
    }
    return real(file, size);
}
