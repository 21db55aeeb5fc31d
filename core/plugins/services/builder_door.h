// The way to builders: sockets, and programs such as ssh, docker exec, kubectl exec.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/process.h"
#include "builders/address.h"
#include "core/plugins/services/services.h"

namespace ktl {

// Opens it where the user is: with their network, environment, agents, keys and helpers. What is
// connected to, and what runs, follows from a builder's address and the user's own docker
// configuration, never from who asks. Programs end with their standard input, or with this object.
// Thread rule: any thread.
class BuilderDoor final : public BuilderService {
 public:
  // `own`: the addresses that may be asked for, as ktl.builder/1 has them; nullopt: any, for
  // plugins in the user's own process.
  BuilderDoor(std::optional<std::vector<std::string>> own, builder::Getenv getenv)
      : getenv_(std::move(getenv)), own_(std::move(own)) {}

  [[nodiscard]] Result<BuilderLine> open(std::string_view builder, size_t node) const override;
  // From now on `builder` may be asked for too.
  void admit(std::string builder) const;

 private:
  [[nodiscard]] bool is_own(std::string_view builder) const;
  [[nodiscard]] Result<BuilderLine> start(const std::vector<std::string>& argv) const;
  [[nodiscard]] Result<BuilderLine> call(const builder::Address& there) const;

  const builder::Getenv getenv_;
  mutable std::mutex mutex_;  // guards what follows
  mutable std::optional<std::vector<std::string>> own_;
  mutable std::vector<Child> programs_;
};

}  // namespace ktl
