// What a build asks for while it runs, put to ktl's rules and policies.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "host.h"
#include "kept.h"
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
  // `kept` must outlive it.
  Watch(Host& host, const json::value& plan, std::string build, Kept& kept,
        std::function<void()> refused);

  // As Judge. Nobody who could be asked, or no answer: refused. Of a build with a lock a request
  // may wait until it is known which step runs.
  Verdict judge(const Asked& asked);

  // The RUN steps that run right now, by name.
  void set_running(std::vector<std::string> steps);

  // The first refusal.
  [[nodiscard]] std::optional<Refusal> refusal() const;
  // By which entry of the plan's list a request for `url` was allowed; "" when by none of it;
  // nothing when no such request was asked about, or it was refused.
  [[nodiscard]] std::optional<std::string> rule_of(const std::string& url) const;

  // Whether a request for `url` may be one of this build's: it was allowed, or the list has it.
  [[nodiscard]] bool may(const std::string& url) const;

 private:
  Verdict refuse(const Asked& asked, const std::string& what, std::string reason);
  Verdict judge_for(const Asked& asked, const std::string& step);
  Verdict judge_locked(const Asked& asked);
  Verdict allow(const Asked& asked, const std::string& step);
  [[nodiscard]] std::string reason_against(const Asked& asked, const std::string& step);
  [[nodiscard]] json::value question_about(const Asked& asked, const std::string& step) const;
  [[nodiscard]] std::string only_running() const;

  Host& host_;
  const std::string build_;
  const std::function<void()> refused_;
  lock::AllowList list_;
  Kept& kept_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> running_;
  std::optional<Refusal> refusal_;
  std::set<std::string> allowed_;  // requests, spelled alike
};

// Whether a plan's steps are fenced, so that its build must be watched.
bool is_fenced(const json::value& plan);

}  // namespace ktl::solver
