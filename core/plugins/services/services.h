// Who answers the host services of ktl/iface/host.h: this process, or the one that started it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/status.h"
#include "core/plugins/services/secret_bytes.h"
#include "oci/credentials.h"

namespace ktl {

// Content by digest, as in ktl_host_content_v1. [any thread]
class ContentService {
 public:
  virtual ~ContentService() = default;
  // kNotFound: the store does not have it, or the name is no digest.
  [[nodiscard]] virtual Result<UniqueFd> open(std::string_view digest) const = 0;
  [[nodiscard]] virtual Result<int64_t> size(std::string_view digest) const = 0;
  [[nodiscard]] virtual Result<UniqueFd> create() const = 0;
  // kDataLoss: the bytes behind `fd` are not those that the digest names.
  [[nodiscard]] virtual Status commit(int fd, std::string_view digest) const = 0;
  // Of the store, an OCI image layout.
  [[nodiscard]] virtual std::string folder() const = 0;
};

// Credentials of registries, as in ktl_host_auth_v1. [any thread]
class AuthService {
 public:
  virtual ~AuthService() = default;
  // nullopt: none, go anonymously.
  [[nodiscard]] virtual Result<std::optional<oci::Credentials>> credentials(
      std::string_view registry) const = 0;
};

// What --secret and --ssh named, as in ktl_host_secret_v1. [any thread]
class SecretService {
 public:
  virtual ~SecretService() = default;
  // kNotFound: no such secret was named, or its source is gone; kResourceExhausted: more than
  // 500 KiB. No status has a value.
  [[nodiscard]] virtual Result<SecretBytes> value(std::string_view id) const = 0;
  // A connected stream socket to the agent that `id` stands for. kNotFound: --ssh named none such;
  // kUnavailable: nobody answers there.
  [[nodiscard]] virtual Result<UniqueFd> connect_agent(std::string_view id) const = 0;
};

}  // namespace ktl
