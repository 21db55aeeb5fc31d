// The fence a build would have, around another command: for `ktl sandbox exec` and the doctor.
#pragma once

#include <string>
#include <vector>

#include "cli/commands/command.h"
#include "cli/request/settings.h"
#include "core/pipeline/fence.h"

namespace ktl::cli {

// The flags of the two commands: those of `ktl build` that speak of the sandbox.
const std::vector<Option>& sandbox_exec_options();
const std::vector<Option>& sandbox_doctor_options();  // with --context and --json

// What one of them was asked for.
struct SandboxOrder {
  Settings settings;
  std::vector<std::string> words;
  Request request;  // context and "sandbox" are set
};
Result<SandboxOrder> take_sandbox_order(const Invocation& invocation,
                                        const std::vector<Option>& options);

// The fence of `order` around `argv`. Programs of this machine are seen inside as well, which the
// worker has no use for. The plugins live as long as the room.
class SandboxRoom {
 public:
  static Result<std::unique_ptr<SandboxRoom>> open(const Invocation& invocation,
                                                   const SandboxOrder& order);
  [[nodiscard]] Result<MadeFence> around(const std::vector<std::string>& argv,
                                         std::vector<std::string> environment,
                                         std::vector<int> keep_fds = {}) const;
  [[nodiscard]] const json::object& fence() const { return fence_; }
  [[nodiscard]] PluginRegistry& registry() { return registry_; }
  [[nodiscard]] const std::shared_ptr<Host>& host() const { return host_; }

 private:
  explicit SandboxRoom(PluginRegistry registry) : registry_(std::move(registry)) {}

  PluginRegistry registry_;
  std::shared_ptr<Host> host_;
  std::vector<std::unique_ptr<StagePlugin>> sandboxes_;
  json::object fence_;
};

}  // namespace ktl::cli
