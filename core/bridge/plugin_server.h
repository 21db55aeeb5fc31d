// The far side of the bridge: a process that runs plugins for the one that started it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/bridge/peer.h"
#include "core/plugins/invocation.h"
#include "core/plugins/plugin.h"

namespace ktl::bridge {

// What the program itself does on the far side, by name: a document in, a document out. Runs on a
// thread of its own, one task at a time.
using Task = std::function<Result<json::value>(const json::value&)>;
using Tasks = std::map<std::string, Task, std::less<>>;

// Says what it is told to: "hello" first, then "load", "invoke" and "task" in any number.
// Thread rule: serve() on one thread, which loads code and never waits for any of it.
class PluginServer final : public Listener {
 public:
  PluginServer(UniqueFd socket, Tasks tasks);
  ~PluginServer() override;

  // Until the other side is gone; then every call has been asked to stop and every plugin ended.
  // kUnavailable is the normal end; kDataLoss: the other side is no ktl of this version.
  Status serve();

  Status on_call(Frame call) override;
  Status on_notice(Frame notice) override;

 private:
  struct Method;
  Status hello(Frame call);
  Status load(Frame call);
  Status invoke(Frame call);
  Status task(Frame call);
  Status load_and_create(Frame& call);
  void reply(uint64_t id, const Result<std::string>& result);
  Invocation::Done replier(uint64_t id);
  void remember(uint64_t id, const std::shared_ptr<Invocation>& invocation);

  Peer peer_;
  const Tasks tasks_;
  std::shared_ptr<const Host> host_;  // from hello on
  Worker worker_;                     // for tasks

  std::mutex mutex_;  // guards running_
  std::map<uint64_t, std::weak_ptr<Invocation>> running_;

  std::map<std::string, std::unique_ptr<Plugin>> plugins_;  // the reader's; the first to go
};

}  // namespace ktl::bridge
