// What a build asks for while it runs, put to ktl's rules and policies.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "host.h"
#include "lock/allow_list.h"
#include "services/policy.h"

namespace ktl::solver {

// Something that was refused.
struct Refusal {
  bool request = false;  // of a step; else a source
  std::string what;      // URL or source
  std::string reason;
};

// Thread rule: any thread. `host` must outlive it.
class Watch {
 public:
  // `plan`: ktl.plan/1. `refused` is called when something is; it must not block.
  Watch(Host& host, const json::value& plan, std::string build, std::function<void()> refused);

  // As Judge. Nobody who could be asked, or no answer: refused.
  std::string judge(const Asked& asked);

  // The only RUN step that runs right now, as questions name it; empty: none or several.
  void set_running(std::string step);

  // The first refusal.
  [[nodiscard]] std::optional<Refusal> refusal() const;
  // By which entry of the plan's list a request for `url` was allowed; "" when by none of it;
  // nothing when no such request was asked about, or it was refused.
  [[nodiscard]] std::optional<std::string> rule_of(const std::string& url) const;

 private:
  std::string refuse(const Asked& asked, const std::string& what, std::string reason);
  [[nodiscard]] json::value question_about(const Asked& asked) const;

  Host& host_;
  const std::string build_;
  const std::function<void()> refused_;
  lock::AllowList list_;
  mutable std::mutex mutex_;
  std::string running_;
  std::optional<Refusal> refusal_;
  std::set<std::string> allowed_;  // requests, spelled alike
};

// Whether a plan's steps are fenced, so that its build must be watched.
bool is_fenced(const json::value& plan);

}  // namespace ktl::solver
