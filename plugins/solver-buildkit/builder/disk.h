// What a builder keeps on its disk, asked of the daemon itself.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"

namespace ktl::builder {

// One record of the daemon's cache (UsageRecord of BuildKit's control API). Times are unix
// nanoseconds, 0 for never.
struct CacheRecord {
  std::string id;
  std::string type;  // "regular", "source.local", "exec.cachemount", "frontend", "internal" ...
  std::string description;
  int64_t size = 0;  // bytes
  bool in_use = false;
  bool shared = false;  // its bytes belong to an image or another record too
  bool is_mutable = false;
  int64_t used_count = 0;
  int64_t created_ns = 0;
  int64_t last_used_ns = 0;
};

struct PruneOptions {
  std::vector<std::string> filters;  // containerd's filter syntax; several: any of them
  bool all = false;                  // internal and frontend records as well
  int64_t keep_bytes = 0;
  int64_t older_than_seconds = 0;
};

// Thread rule: one thread. kUnavailable: the daemon does not answer; kInvalidArgument: a filter.
class Disk {
 public:
  virtual ~Disk() = default;
  virtual Result<std::vector<CacheRecord>> usage(const std::vector<std::string>& filters) = 0;
  // Returns what was removed.
  virtual Result<std::vector<CacheRecord>> prune(const PruneOptions& options) = 0;
};

// How this folder, which speaks no gRPC, gets one for the socket of a daemon.
using OpenDisk = std::function<Result<std::unique_ptr<Disk>>(const std::string& socket)>;

}  // namespace ktl::builder
