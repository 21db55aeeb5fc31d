// flock(2) locks on files: shared by clients, exclusive for who starts or stops.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/fd.h"
#include "base/status.h"
#include "builder/caller.h"

namespace ktl::builder {

enum class LockMode { kShared, kExclusive };

// Opens a file of the builder's own for writing, made with mode 0600 when missing. A link,
// something that is no regular file, and somebody else's are kFailedPrecondition and stay
// untouched.
Result<UniqueFd> open_own(const std::filesystem::path& file, int flags);

// Locks `file` (made when missing, mode 0600) and returns the descriptor that holds the lock;
// closing it, or dying, gives it back. A lock on a file that was removed meanwhile is none: then it
// locks the one that is there now. Waits at most `wait_ms`; kDeadlineExceeded names the processes
// that hold it, kCancelled means the caller gave up, kFailedPrecondition that the file cannot be
// trusted (a link, not a regular file, somebody else's).
Result<UniqueFd> lock_file(const std::filesystem::path& file, LockMode mode, int64_t wait_ms,
                           const Caller& caller);

// The processes that took a lock on `file`, as far as the kernel shows them here
// (/proc/locks, proc(5)). Of a lock whose taker has ended, those who inherited it: all others that
// have the file open.
std::vector<pid_t> lock_holders(const std::filesystem::path& file);

// Lets the holders go on that were stopped (SIGSTOP): one that stands still keeps its lock for
// ever. To those that run it means nothing.
void wake_holders(const std::filesystem::path& file);

}  // namespace ktl::builder
