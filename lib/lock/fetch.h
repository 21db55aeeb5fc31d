// Content that a lock names, from where it came from.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "http/client.h"
#include "oci/store.h"

namespace ktl::lock {

// What is wanted of a URL.
struct Wanted {
  std::string url;
  std::string digest;
  int64_t size = -1;       // bytes; -1: not known
  std::string type;        // Content-Type that was given, and is asked for; empty: any
  bool redirects = false;  // may be followed, ten of them
  bool near = false;       // may be this machine or its link (http::is_near())
};

// Into `store`, unless it is there: all of it is read and checked before it has a name. GET, no
// credentials. kDataLoss: it is another content now, with both digests; kUnavailable: it is not to
// be had; kPermissionDenied: it is near, or leads there, and may not be. Waits; any thread.
Status fetch(http::Transport& transport, const oci::Store& store, const Wanted& wanted);

}  // namespace ktl::lock
