// What `--builder` may say, and what `auto` means on this machine.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "builders/tls_files.h"

namespace ktl::builder {

// A parsed address:
//   kPrivate  the builder that ktl runs itself
//   kUnix     `path` is the socket
//   kTcp      `host`, `port`, and `tls` unless it is plain
//   kCommand  `command` is a program that speaks with the builder on its standard input and output
//   kDocker   dockerd's own BuildKit; `name` is a docker context, empty: the one in use
//   kNamed    `name` is a builder that buildx knows
struct Address {
  enum class Kind { kPrivate, kUnix, kTcp, kCommand, kDocker, kNamed };
  Kind kind = Kind::kPrivate;
  std::string path;
  std::string origin;  // "--builder", "BUILDKIT_HOST" or "auto": for messages
  std::string text;    // as it was given, for messages
  std::string name;
  std::string host;
  uint16_t port = 0;
  std::optional<TlsFiles> tls;
  std::vector<std::string> command;
  bool dockerd = false;  // a docker daemon answers there, not a buildkitd
};

// Reads one environment variable; empty when unset. Tests pass their own.
using Getenv = std::function<std::string(const char*)>;

// Resolves `text`, or for "auto" (also "") the first that is set of BUILDKIT_HOST, BUILDX_BUILDER
// (a name) and DOCKER_CONTEXT, and else the private builder. The forms:
//   unix:///run/buildkit/buildkitd.sock
//   tcp://host:1234[?cacert=FILE][&cert=FILE&key=FILE][&servername=NAME]
//   docker-container://NAME[?context=C]    also podman-container://, nerdctl-container://
//   kube-pod://POD[?context=C][&namespace=N][&container=C]
//   ssh://[user@]host[:port][/path/to/buildkitd.sock]
//   docker, docker://CONTEXT, docker:///path/to/docker.sock
//   NAME
// Anything else is kInvalidArgument.
Result<Address> parse_address(const std::string& text, const Getenv& getenv);

// What is said of a builder that is not ktl's own: one sentence about its RUN steps.
std::string unfenced_note(const std::string& address);

// Where a docker daemon is: unix://, tcp:// (with `tls` when given) or ssh://, as in DOCKER_HOST.
Result<Address> docker_endpoint(const std::string& text, const std::string& origin,
                                const std::optional<TlsFiles>& tls);

}  // namespace ktl::builder
