// Credentials of registries from Docker's config.json: auths, credsStore and credHelpers.
// https://docs.docker.com/reference/cli/docker/login/#credential-stores
// https://github.com/docker/docker-credential-helpers#development
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.h"
#include "base/status.h"
#include "oci/credentials.h"

namespace ktl::oci {

// The keys under which docker knows a registry, the one it writes first: the host, with a scheme
// and with a path as older tools wrote them; for docker.io those of its index.
std::vector<std::string> registry_keys(const std::string& registry);

// One config.json, read once. credentials() may be called from any thread if the runner allows it.
class RegistryAuth {
 public:
  // Docker's own file: $DOCKER_CONFIG/config.json, else ~/.docker/config.json. None: no
  // credentials.
  static Result<RegistryAuth> load_default();
  // --authfile: this file whatever its name, and no other credentials. Missing is kNotFound.
  static Result<RegistryAuth> load(const std::filesystem::path& file);

  // Tells `sink` every password and token: those that are known at once, a helper's when it
  // answers. When `sink` fails the credentials are not handed out either.
  using SecretSink = std::function<Status(std::string_view secret)>;
  Status reveal_to(SecretSink sink);

  // For a registry host as references write it ("docker.io", "ghcr.io", "127.0.0.1:5000"),
  // docker.io under any of its names. A helper beats the file's own entries, as in docker; when it
  // knows nothing they count. nullopt: go anonymously. A helper that breaks is an error.
  [[nodiscard]] Result<std::optional<Credentials>> credentials(
      std::string_view registry, ProcessRunner& processes = system_processes()) const;

 private:
  static Result<RegistryAuth> parse(std::string text, const std::string& where);

  std::map<std::string, Credentials> auths_;         // by host
  std::map<std::string, std::string> cred_helpers_;  // host -> helper
  std::string creds_store_;
  SecretSink sink_;
};

}  // namespace ktl::oci
