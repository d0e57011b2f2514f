/* A disk that has, after a power cut, only what was synced: put before the libraries of a process with LD_PRELOAD.
 *
 * POWER_SHIM_FOLDER/<inode>-<birth> is what the disk has of a file: its content when it was last synced. Once there is
 * a file `off` beside it, the power is gone, and whoever syncs waits for ever, so that nothing more is answered.
 * That a file is made, named or deleted counts as kept at once. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static int opened(const char *name, const char *ending, int flags) {
    char path[4096];
    snprintf(path, sizeof path, "%s%s", name, ending);
    return open(path, flags | O_CLOEXEC, 0666);
}

static void copy(int file, const char *name) {
    char path[4096], draft[4096];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    snprintf(draft, sizeof draft, "%s.draft", name);
    int from = open(path, O_RDONLY | O_CLOEXEC), to = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    /* Unlike copy_file_range, also from one file system to another. */
    while (sendfile(to, from, NULL, 1 << 30) > 0) {}
    close(from);
    close(to);
    rename(draft, name);
}

static int synced(int file) {
    const char *folder = getenv("POWER_SHIM_FOLDER");
    struct statx is;
    if (!folder) { errno = EIO; return -1; }
    if (statx(file, "", AT_EMPTY_PATH, STATX_TYPE | STATX_INO | STATX_BTIME, &is)) return -1;
    if (!S_ISREG(is.stx_mode)) return 0;
    char name[2048], off[2048];
    snprintf(name, sizeof name, "%s/%llu-%lld.%09u", folder, (unsigned long long)is.stx_ino,
             (long long)is.stx_btime.tv_sec, is.stx_btime.tv_nsec);
    snprintf(off, sizeof off, "%s/off", folder);
    /* Of two who sync a file at once, the one who read it first must not be the last to keep it. */
    int lock = opened(name, ".lock", O_RDWR | O_CREAT);
    flock(lock, LOCK_EX);
    while (!access(off, F_OK)) pause();
    copy(file, name);
    close(lock);
    return 0;
}

int fsync(int file) { return synced(file); }

int fdatasync(int file) { return synced(file); }
