// A build's session as its owner sees it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "session/server.h"

namespace ktl::solver {

// How the builder will know the session.
struct SessionName {
  std::string id;          // unique for each session; SolveRequest.Session
  std::string shared_key;  // the builder keeps one copy of a context for each key
};

// Who we are and what we serve: a call's metadata, or the headers of an upgraded connection.
std::vector<std::pair<std::string, std::string>> session_metadata(
    const SessionName& name, const std::vector<Method>& methods);

// Open until it is destroyed, which joins its threads: the handlers must have been woken before.
class Session {
 public:
  virtual ~Session() = default;
};

}  // namespace ktl::solver
