// The values of --secret and the agents of --ssh, read when a plugin asks and not before.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/status.h"
#include "core/document/request.h"

namespace ktl {

// Bytes that are zeroed when they go. Moves, never copies: a vector, since a moved std::string
// leaves short texts behind.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::vector<char> bytes) : bytes_(std::move(bytes)) {}
  SecretBytes(SecretBytes&& other) noexcept { bytes_.swap(other.bytes_); }
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    bytes_.swap(other.bytes_);
    return *this;
  }
  ~SecretBytes();

  [[nodiscard]] std::string_view view() const { return {bytes_.data(), bytes_.size()}; }

 private:
  std::vector<char> bytes_;
};

// What the user named. Holds names and places only, never a value. [any thread]
class Secrets {
 public:
  static constexpr size_t kMaxValue = 500 * 1024;  // as in BuildKit's own secret store

  Secrets(std::vector<SecretSource> secrets, std::vector<SshSource> agents)
      : secrets_(std::move(secrets)), agents_(std::move(agents)) {}

  // The value of `id`: the bytes of its file, or of its variable. kNotFound: no such secret was
  // named, or its source is gone; kResourceExhausted: more than 500 KiB. No status has a value.
  [[nodiscard]] Result<SecretBytes> value(std::string_view id) const;

  // A connected stream socket to the agent that `id` stands for: the named socket, $SSH_AUTH_SOCK
  // without one. kNotFound: --ssh named none such; kUnavailable: nobody answers there.
  [[nodiscard]] Result<UniqueFd> connect_agent(std::string_view id) const;

 private:
  std::vector<SecretSource> secrets_;
  std::vector<SshSource> agents_;
};

}  // namespace ktl
