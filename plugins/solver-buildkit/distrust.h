// A step that failed because one of its programs does not trust the builder's proxy.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace ktl::solver {

// Which program it was, which host it wanted, and what makes it trust the proxy.
struct Distrust {
  std::string client;
  std::string host;  // HOST or HOST:PORT; empty: nothing names it
  std::string cure;
};

// Read from the end of a failed step's log, which is all there is: BuildKit (0.34.2,
// proxyHandler.handleConnect in util/network/proxyprovider) answers every CONNECT, shows a
// certificate of its own, and neither asks, logs nor lists anything when the client hangs up. Of
// more than one host none is guessed: `step` (its name, the command in it) and `allow` (the build's
// list) only count where they know exactly one. Nothing: no program complains. [any thread]
std::optional<Distrust> distrust_in(const std::vector<std::string>& tail, const std::string& step,
                                    const std::vector<std::string>& allow);

// Says so in `error` (ktl.build-error/1), where a step of a build with that plan ran with the
// proxy, which is when the plan lists what steps may reach.
void explain_distrust(const json::value& plan, json::object& error);

}  // namespace ktl::solver
