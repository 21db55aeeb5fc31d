// The values of --secret and the agents of --ssh, read when a plugin asks and not before.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/document/request.h"
#include "core/plugins/services/services.h"

namespace ktl {

// What the user named. Holds names and places only, never a value. [any thread]
class Secrets final : public SecretService {
 public:
  static constexpr size_t kMaxValue = 500 * 1024;  // as in BuildKit's own secret store

  Secrets(std::vector<SecretSource> secrets, std::vector<SshSource> agents)
      : secrets_(std::move(secrets)), agents_(std::move(agents)) {}

  // The bytes of its file, or of its variable.
  [[nodiscard]] Result<SecretBytes> value(std::string_view id) const override;

  // The named socket, $SSH_AUTH_SOCK without one.
  [[nodiscard]] Result<UniqueFd> connect_agent(std::string_view id) const override;

 private:
  std::vector<SecretSource> secrets_;
  std::vector<SshSource> agents_;
};

}  // namespace ktl
