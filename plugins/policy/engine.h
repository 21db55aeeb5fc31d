// The engine: ktl-rego (tools/rego), a child of this plugin for as long as it lives.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/fd.h"
#include "base/json.h"
#include "base/process.h"
#include "base/status.h"

namespace ktl::policy {

// One conversation of frames: four bytes of length, big endian, then JSON. The child limits itself
// (memory, CPU, descriptors, no new privileges) and knows no builtin that reaches out. It is a
// child of the plugin's and none of ktl.host.process/1, which ends its programs with each call.
// After a failure it is gone and says no more: whoever asks is refused. Thread rule: any, one at a
// time.
class Engine {
 public:
  // `program`: absolute. kFailedPrecondition: there is none, or it does not start.
  static Result<std::unique_ptr<Engine>> start(const std::string& program);

  // Sends a request and waits for its answer. kDeadlineExceeded, kAborted (it died), and what the
  // engine itself says: kInvalidArgument for rules that do not load, else kFailedPrecondition, with
  // the place in the rules.
  Result<json::value> ask(const json::object& request, int64_t timeout_ms);

 private:
  Engine(Child child, UniqueFd stream) : child_(std::move(child)), stream_(std::move(stream)) {}
  Result<json::value> converse(const std::string& frame, int64_t timeout_ms);

  std::mutex mutex_;
  Child child_;
  UniqueFd stream_;
};

// ../libexec/ktl/ktl-rego beside this program, or what KTL_REGO names.
std::string engine_program();

}  // namespace ktl::policy
