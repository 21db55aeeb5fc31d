// flock(2) locks on files: shared by clients, exclusive for who starts or stops.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/fd.h"
#include "base/status.h"

namespace ktl::builder {

enum class LockMode { kShared, kExclusive };

// Locks `file` (made when missing, mode 0600) and returns the descriptor that holds the lock;
// closing it, or dying, gives it back. Waits at most `wait_ms` and gives up when `cancelled`
// turns true; kDeadlineExceeded and kCancelled say which.
Result<UniqueFd> lock_file(const std::filesystem::path& file, LockMode mode, int64_t wait_ms,
                           const std::function<bool()>& cancelled);

}  // namespace ktl::builder
