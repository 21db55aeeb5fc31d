// The values of --secret and the agents of --ssh, read when a plugin asks and not before.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/document/request.h"
#include "core/plugins/services/services.h"
#include "redact/values.h"

namespace ktl {

// What the user named. Holds names and places only, never a value. [any thread]
class Secrets final : public SecretService {
 public:
  static constexpr size_t kMaxValue = 500 * 1024;  // as in BuildKit's own secret store

  // `sink` is told every value before it is handed out; when it fails, the value is not.
  Secrets(std::vector<SecretSource> secrets, std::vector<SshSource> agents,
          redact::Register sink = {})
      : secrets_(std::move(secrets)), agents_(std::move(agents)), sink_(std::move(sink)) {}

  // The bytes of its file, or of its variable.
  [[nodiscard]] Result<SecretBytes> value(std::string_view id) const override;

  // The named socket, $SSH_AUTH_SOCK without one.
  [[nodiscard]] Result<UniqueFd> connect_agent(std::string_view id) const override;

 private:
  std::vector<SecretSource> secrets_;
  std::vector<SshSource> agents_;
  redact::Register sink_;
};

}  // namespace ktl
