// One repository of a registry, over the distribution protocol.
// https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "http/client.h"
#include "http/url.h"
#include "oci/descriptor.h"
#include "oci/reference.h"
#include "oci/registry/authorizer.h"

namespace ktl::oci {

struct RegistryOptions {
  bool plain_http = false;       // a registry the user named insecure; loopback ones are as well
  bool tls = false;              // not even a loopback one
  bool only_reads = false;       // asks for no right to push
  CredentialSource credentials;  // empty: anonymous
  std::function<bool()> stop;    // asked between attempts; empty: never
  int attempts = 4;              // for answers 408, 429, 5xx and broken connections
  int64_t timeout_ms = 0;        // for each request; 0: only standing still is limited
  int64_t first_pause_ms = 500;  // doubled each time, at most 10 s; Retry-After counts up to 60 s
};

// Any thread; connections and the token are shared. Errors name registry, repository, HTTP status
// and the registry's own error code.
class Registry {
 public:
  Registry(http::Transport& transport, const Reference& repository, RegistryOptions options);

  // "127.0.0.1:5000/app", for messages.
  [[nodiscard]] const std::string& name() const { return name_; }

  Result<bool> has_blob(const Descriptor& blob);
  // Sends all of `fd` (by pread). `on_sent`: bytes so far; starts again at 0 when an attempt
  // failed.
  Status upload_blob(const Descriptor& blob, int fd, const std::function<void(int64_t)>& on_sent);

  // `reference` is a tag or a digest. The digest it has now, nullopt when there is none.
  Result<std::optional<std::string>> manifest_digest(const std::string& reference);
  // Writes the blob to `fd`, at most its size; whoever wants to be sure hashes it.
  Status read_blob(const Descriptor& blob, int fd);
  // At most 4 MiB; checked against `digest`.
  Result<std::string> manifest(const std::string& digest);
  Status put_manifest(const std::string& reference, std::string_view media_type,
                      std::string_view bytes);
  // Registries may refuse that (kUnimplemented).
  Status remove_tag(const std::string& tag);

 private:
  http::Request request(const char* method, const std::string& path) const;
  Result<http::Response> send(const http::Request& request);
  Result<http::Response> send_once(const http::Request& request);
  Result<http::Response> authorized(const http::Request& request);
  Result<http::Response> follow(const http::Request& request, http::Response response);
  Status upload_once(const Descriptor& blob, int fd, const std::function<void(int64_t)>& on_sent,
                     bool& again);
  Status pause(int attempt, std::string_view retry_after) const;
  Status failure(const std::string& what, const http::Response& response) const;
  Status broken(Status status) const;  // no answer at all

  http::Transport& transport_;
  RegistryOptions options_;
  std::string name_;
  http::Url base_;  // "https://host/v2/<repository>/"
  Authorizer authorizer_;
};

}  // namespace ktl::oci
