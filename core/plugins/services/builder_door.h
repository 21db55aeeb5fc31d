// Programs that lead to builders: ssh, docker exec, kubectl exec.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/process.h"
#include "builders/address.h"
#include "core/plugins/services/services.h"

namespace ktl {

// Starts them where the user is: with their environment, and so with their agents, keys and
// helpers. What runs follows from a builder's address and the user's own docker configuration,
// never from who asks. They end with their standard input, or with this object.
// Thread rule: any thread.
class BuilderDoor final : public BuilderService {
 public:
  // `own`: the addresses that may be asked for, as ktl.builder/1 has them; nullopt: any, for
  // plugins in the user's own process.
  BuilderDoor(std::optional<std::vector<std::string>> own, builder::Getenv getenv)
      : own_(std::move(own)), getenv_(std::move(getenv)) {}

  [[nodiscard]] Result<BuilderLine> open(std::string_view builder, size_t node) const override;

 private:
  [[nodiscard]] bool is_own(std::string_view builder) const;
  [[nodiscard]] Result<BuilderLine> start(const std::vector<std::string>& argv) const;

  const std::optional<std::vector<std::string>> own_;
  const builder::Getenv getenv_;
  mutable std::mutex mutex_;
  mutable std::vector<Child> programs_;  // guarded by mutex_
};

}  // namespace ktl
