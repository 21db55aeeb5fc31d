// Who answers the host services of ktl/iface/host.h: this process, or the one that started it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/json.h"
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
  // What the registry itself says that it wants to see. Asks it over the network, once.
  [[nodiscard]] virtual Result<oci::Entry> entry(std::string_view registry) const = 0;
  // kNotFound: no credentials, or it gives no tokens. Without scopes none is fetched: an empty
  // token says that there would be one.
  [[nodiscard]] virtual Result<oci::Token> token(std::string_view registry,
                                                 const std::vector<std::string>& scopes) const = 0;
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

// Files the user named, as in ktl_host_files_v1. [any thread]
class FileService {
 public:
  virtual ~FileService() = default;
  // A read-only descriptor of the regular file at the absolute `path`. kPermissionDenied: neither
  // it nor a folder above it was named.
  [[nodiscard]] virtual Result<UniqueFd> open(std::string_view path) const = 0;
  // Replaces the file in one step, mode 0644.
  [[nodiscard]] virtual Status replace(std::string_view path, std::string_view bytes) const = 0;
};

// A program that leads to a builder, as ktl_host_builder_v1 describes it.
struct BuilderLine {
  UniqueFd stream;
  UniqueFd errors;
  UniqueFd process;
};

// Builders behind a program, as in ktl_host_builder_v1. [any thread]
class BuilderService {
 public:
  virtual ~BuilderService() = default;
  [[nodiscard]] virtual Result<BuilderLine> open(std::string_view builder, size_t node) const = 0;
};

// The user's terminal, as ktl_host_terminal_v1 describes it.
struct TerminalLine {
  UniqueFd stream;
  UniqueFd sizes;
};

// The terminal of a build with --interactive, as in ktl_host_terminal_v1. [any thread]
class TerminalService {
 public:
  virtual ~TerminalService() = default;
  [[nodiscard]] virtual Result<TerminalLine> lend(std::string_view notice) = 0;
};

// The policies' answer while a build runs, as in ktl_host_policy_v1. [any thread]
class PolicyService {
 public:
  virtual ~PolicyService() = default;
  // `asker`: the plugin that wants to know; `question`: question-1, already judged. Ok: it may.
  // kPermissionDenied: it may not, with the reason; anything else: nobody could say.
  [[nodiscard]] virtual Status decide(std::string_view asker,
                                      const json::value& question) const = 0;
};

}  // namespace ktl
