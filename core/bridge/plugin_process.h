// Another process of ktl that runs plugins for this one: the worker, or one isolated plugin.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/process.h"
#include "core/bridge/fence_log.h"
#include "core/bridge/greeting.h"
#include "core/bridge/output.h"
#include "core/bridge/peer.h"
#include "core/bridge/service_desk.h"
#include "core/bridge/spawn.h"
#include "core/plugins/call.h"
#include "core/plugins/registry.h"

namespace ktl::bridge {

// How a process is to be started.
struct ProcessOptions {
  std::string name;    // for people: "the worker", "plugin x"
  std::string plugin;  // the id of the only plugin that it runs; empty: it may run several
  std::string program = "/proc/self/exe";
  std::vector<std::string> environment;  // NAME=value, all of it
  std::optional<Wrapped> fence = {};     // then program and environment are its own
};

// The process that was started, and the conversation with it. What it says is checked; when it
// dies, or breaks a rule, every open call fails with a sentence about it. Its output is shown as
// messages under its name. Thread rule: any thread, but start, greet and the destructor one.
class PluginProcess final : public Listener {
 public:
  // Starts it at once, so that it gets ready while others work. It ends with the calling thread,
  // which therefore is the program's main one.
  static Result<std::unique_ptr<PluginProcess>> start(ProcessOptions options);
  PluginProcess(const PluginProcess&) = delete;
  PluginProcess& operator=(const PluginProcess&) = delete;
  // Lets it end, for at most five seconds, then kills it; reaps it.
  ~PluginProcess() override;

  // Tells it what it needs, once; it is not waited for.
  Status greet(const Greeting& greeting);
  // Waits until it has answered that.
  Status answered(const CallContext& context) { return handshake_.check(options_.name, context); }

  // What the fence has said so far (at most 64 KiB of it), when it has one.
  [[nodiscard]] std::string fence_log() const;

  // Has a plugin loaded and created there; wait_for() fetches the answer.
  Result<std::shared_ptr<Pending>> load(const PluginOrder& order, int64_t deadline_ns);

  // One of the program's own tasks (plugin_server.h); finish() waits for its answer.
  Result<std::shared_ptr<Pending>> begin(const std::string& task, const json::value& document);
  Result<json::value> finish(const std::string& task, Pending& begun, const CallContext& context);

  // Sends a call and waits for its end under `context`. `plugin` and `what` are for the failure:
  // kInternal when the process died or lied, kDeadlineExceeded or kCancelled when the call was
  // given up, and then `gave_up` is set.
  struct Name {
    std::string plugin;  // empty: the program itself
    std::string what;
  };
  Result<Frame> call(const json::object& head, std::string_view body, const Name& name,
                     const CallContext& context, bool& gave_up);
  Result<Frame> wait_for(Pending& pending, const Name& name, const CallContext& context,
                         bool& gave_up);

  // Nothing more will be asked: it may end.
  void dismiss();
  void kill() const;
  // Whether it has ended, or broken a rule, before it was dismissed.
  [[nodiscard]] bool gone() const { return gone_; }
  [[nodiscard]] const std::string& name() const { return options_.name; }
  [[nodiscard]] pid_t pid() const { return process_.pid(); }

  Status on_call(Frame call) override;
  Status on_notice(Frame notice) override;

 private:
  PluginProcess(ProcessOptions options, Spawned spawned);
  Result<std::shared_ptr<Pending>> ask(const json::object& head, std::string_view body,
                                       const std::string& what);
  Result<Frame> judge(Pending& pending, const Name& name, const CallContext& context,
                      Pending::Wait why);
  void read();
  [[nodiscard]] Status obituary(const Status& why);

  const ProcessOptions options_;
  Child process_;
  Output output_;  // the reader's
  FenceLog log_;
  Peer peer_;
  std::shared_ptr<const Host> host_;
  std::unique_ptr<ServiceDesk> desk_;
  Handshake handshake_;
  std::atomic<bool> dismissed_ = false;
  std::atomic<bool> gone_ = false;
  std::thread reader_;
};

}  // namespace ktl::bridge
