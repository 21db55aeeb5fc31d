#include "jail/sockets.h"

#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <string_view>

#include "jail/path.h"

namespace ktl::jail {
namespace {

constexpr std::array<std::string_view, 8> kRuntimes = {"/run/docker.sock",
                                                       "/var/run/docker.sock",
                                                       "/run/containerd/containerd.sock",
                                                       "/run/podman/podman.sock",
                                                       "/run/crio/crio.sock",
                                                       "/run/buildkit/buildkitd.sock",
                                                       "/run/docker/containerd/containerd.sock",
                                                       "/run/k3s/containerd/containerd.sock"};

bool is_socket(const std::string& path) {
  struct stat found{};
  return ::stat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode);
}

std::string real_path(const std::string& path) {
  char* real = ::realpath(path.c_str(), nullptr);
  std::string out = real == nullptr ? path : real;
  std::free(real);  // NOLINT(cppcoreguidelines-no-malloc): realpath(3) wants it
  return out;
}

}  // namespace

std::string socket_in(const Mount& bind) {
  if (bind.kind != MountKind::kBind) {
    return {};
  }
  if (is_socket(bind.src)) {
    return bind.src;
  }
  const std::string source = real_path(bind.src);
  for (const auto runtime : kRuntimes) {
    const std::string socket(runtime);
    if (is_within(real_path(socket), source) && is_socket(socket)) {
      return socket;
    }
  }
  return {};
}

bool is_runtime_socket(const std::string& path) {
  for (const auto runtime : kRuntimes) {
    if (path.ends_with(runtime.substr(runtime.rfind('/')))) {
      return true;
    }
  }
  return false;
}

}  // namespace ktl::jail
