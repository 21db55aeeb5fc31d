// One call on its way: runs on a plugin's worker, waited for by the host under a deadline.
#pragma once

#include <ktl/plugin.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/fd.h"
#include "core/plugins/call.h"
#include "core/plugins/worker.h"

namespace ktl {

// Shared by the host and the worker, since the host may stop waiting.
class Invocation {
 public:
  // What to call; gets the call and returns the plugin's answer.
  using Body = std::function<ktl_status(ktl_call*)>;

  // `what` names the verb in errors: "ktl.scan/1 scan".
  static std::shared_ptr<Invocation> make(std::string plugin, std::string what,
                                          std::shared_ptr<const Host> host, int64_t deadline_ns,
                                          Body body);

  // Runs `invocation` on `worker` and calls `done` there with what came out: the verb's result as
  // it was written. Whoever posts it watches its time, and asks it to stop through call().
  using Done = std::function<void(Result<std::string>)>;
  static void post(const std::shared_ptr<Invocation>& invocation, Worker& worker, Done done);

  // Runs `invocation` on `worker` and waits for it. At the deadline, or when the build is
  // cancelled, the plugin is asked to stop; when it has not after the grace period, it is given
  // up: the worker is left, `gave_up` is set, and the failure names the plugin. Else the outcome.
  static Status run(const std::shared_ptr<Invocation>& invocation, Worker& worker,
                    const CallContext& context, bool& gave_up);
  // The two halves of run(), for who has something else to do meanwhile.
  static Status begin(const std::shared_ptr<Invocation>& invocation, Worker& worker);
  static Status end(const std::shared_ptr<Invocation>& invocation, Worker& worker,
                    const CallContext& context, bool& gave_up);

  [[nodiscard]] PluginCall& call() { return call_; }

 private:
  enum class Wait { kDone, kCancelled, kTimeout };

  Invocation(std::string plugin, std::string what, std::shared_ptr<const Host> host,
             int64_t deadline_ns, Body body)
      : call_(std::move(plugin), std::move(what), std::move(host), deadline_ns),
        body_(std::move(body)) {}

  void execute();
  Wait wait(int64_t deadline_ns, const CancelToken* cancel) const;
  Status judge(Wait why);

  PluginCall call_;
  Body body_;
  UniqueFd done_;  // eventfd, readable when the verb has returned; of run() alone
  ktl_status returned_ = KTL_UNKNOWN;
  std::atomic<bool> finished_ = false;  // publishes returned_ to the thread that waits
};

// What is said of a plugin that was asked to stop (kCancelled, or kDeadlineExceeded) and did not.
Status not_stopped(const std::string& plugin, const std::string& what, Code why, int64_t grace_ns);

// What is said of one that did stop, when its deadline had passed.
Status ran_out_of_time(const std::string& plugin, const std::string& what);

}  // namespace ktl
