// Who works on a build and where: plugins in this process, and those in others.
#pragma once

#include <memory>
#include <vector>

#include "core/bridge/plugin_process.h"
#include "core/pipeline/fence.h"
#include "core/pipeline/plugins.h"
#include "core/plugins/registry.h"

namespace ktl {

// Who answers what plugins ask for: those of this process, and those of the worker.
struct CrewHosts {
  std::shared_ptr<const Host> keeper;
  std::shared_ptr<const Host> worker;
};

// Plugins that are isolated run in a process each, others whose manifest says "side": "worker" in
// the worker, the rest here. Thread rule: the program's main thread, with which the processes end;
// the plugins as plugins.h says.
class Crew {
 public:
  explicit Crew(PluginRegistry& registry);
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew();

  // Starts the worker behind the fence that `request` asks for, loads what is in use, everywhere at
  // the same time, and waits for all of it. `worker` was started by start_worker() and is idle; it
  // is for builds without a fence, and null when there is none yet. Without a fence that is
  // demanded (fence()) there is no worker, and nothing to build with.
  Status assemble(const CrewHosts& hosts, std::unique_ptr<bridge::PluginProcess> worker,
                  const Request& request, FenceGround ground, const CallContext& context);

  [[nodiscard]] const ClientFence& fence() const { return fence_; }

  [[nodiscard]] const StagePlugins& plugins() const { return plugins_; }

  // Who provides what no build asks for yet, a sentence each: the user may count on it.
  [[nodiscard]] const std::vector<std::string>& idle() const { return idle_; }

  // Has the worker read the Dockerfile.
  [[nodiscard]] Result<json::value> read_dockerfile(const json::value& order,
                                                    const CallContext& context);

  // Nothing more will be asked of other processes: they may end while this one goes on.
  void dismiss();

 private:
  class Member;
  class Local;
  class Remote;
  class Isolated;
  Status raise_fence(const CrewHosts& hosts, const Request& request, FenceGround ground,
                     const CallContext& context);
  Status try_fence(const CrewHosts& hosts, const Request& request, const FenceGround& ground,
                   const CallContext& context);
  Status send_out(const CrewHosts& hosts);
  void read_ahead(const Request& request);
  void list();

  PluginRegistry& registry_;
  std::unique_ptr<bridge::PluginProcess> worker_;
  struct {
    json::value order;
    std::shared_ptr<bridge::Pending> answer;  // null: not begun
  } ahead_;
  ClientFence fence_;
  std::vector<std::filesystem::path> made_;  // for the worker; empty ones go with the crew
  std::vector<std::unique_ptr<Member>> members_;
  StagePlugins plugins_;
  std::vector<std::string> idle_;
};

}  // namespace ktl
