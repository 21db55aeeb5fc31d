// What a channel and its calls share: the HTTP/2 state and the lock around it.
#pragma once

#include <nghttp2/nghttp2.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "base/status.h"

namespace ktl::solver {

class RemoteCall;

// Everything is guarded by `mutex`, but `wake`, which never changes once the channel runs. A call
// is in `calls` from its start until its end; nghttp2 keeps no pointer to it, only to the link.
struct Link {
  std::mutex mutex;
  std::condition_variable changed;  // a call ended, or a callback returned
  nghttp2_session* http2 = nullptr;
  std::map<int32_t, RemoteCall*> calls;
  std::set<RemoteCall*> dirty;        // have something to be told to their callbacks
  RemoteCall* in_callback = nullptr;  // whose callback runs now
  std::string authority;
  std::string goodbye;           // what the builder's GOAWAY said
  std::optional<Status> broken;  // why there can be no more calls
  std::function<void()> wake;    // the pump

  [[nodiscard]] RemoteCall* find(int32_t id) const {
    auto found = calls.find(id);
    return found == calls.end() ? nullptr : found->second;
  }

  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() { nghttp2_session_del(http2); }
};

}  // namespace ktl::solver
