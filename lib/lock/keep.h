// Makes a lock of what was recorded, and keeps the content that it names.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "base/status.h"
#include "http/client.h"
#include "lock/recorded.h"
#include "oci/store.h"

namespace ktl::lock {

// Larger content is not kept, and so not locked.
inline constexpr int64_t kMostContent = int64_t{4} << 30U;  // bytes

// Asks for everything once more: what does not give the same content twice cannot be locked. One
// thread; `transport` and `store` outlive it.
class Keep {
 public:
  Keep(http::Transport& transport, const oci::Store& store)
      : transport_(transport), store_(store) {}

  // Requests and files of `recorded` as downloads, not_lockable and files; images and repositories
  // as they are. Only kCancelled, and what happens to the store, is a failure.
  Result<Lock> lock(const Recorded& recorded);

  // Files of ADD that could not be had once more, by URL: why. They are locked all the same, since
  // the builder tells their digests.
  [[nodiscard]] const std::map<std::string, std::string>& not_kept() const { return not_kept_; }

 private:
  struct Again {
    int64_t size = 0;
    std::string type;
    std::string reason;  // why it is another content; empty: it is the same
  };
  Status add(const RecordedRequest& request, Lock& lock);
  Result<Again> ask_again(const std::string& url, const std::string& digest, bool redirects);
  Result<Again> ask(const std::string& url, const std::string& digest, bool redirects);

  http::Transport& transport_;
  const oci::Store& store_;
  std::map<std::pair<std::string, std::string>, Again> asked_;  // by URL and digest
  std::map<std::string, std::string> not_kept_;
};

}  // namespace ktl::lock
