#include "core/bridge/environment.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

extern char** environ;  // POSIX leaves its declaration to the program

namespace ktl::bridge {
namespace {

constexpr std::array<std::string_view, 13> kCommon = {"PATH",
                                                      "HOME",
                                                      "USER",
                                                      "LOGNAME",
                                                      "LANG",
                                                      "LANGUAGE",
                                                      "TZ",
                                                      "TMPDIR",
                                                      "XDG_CONFIG_HOME",
                                                      "XDG_CACHE_HOME",
                                                      "XDG_STATE_HOME",
                                                      "XDG_DATA_HOME",
                                                      "XDG_RUNTIME_DIR"};

// A value that may hold a credential (KTL_BUILD_ARG, AWS_..., *_TOKEN) is not here: what a build
// needs of those, the keeper reads and hands over when it is asked.
constexpr std::array<std::string_view, 16> kBuilder = {
    "BUILDKIT_HOST",  "BUILDX_BUILDER", "BUILDX_CONFIG",    "DOCKER_HOST",
    "DOCKER_CONTEXT", "DOCKER_CONFIG",  "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY",
    "SSL_CERT_FILE",  "SSL_CERT_DIR",   "NO_PROXY",         "no_proxy",
    "KTL_BUILDKITD",  "KTL_NSJAIL",     "KTL_RUNC",         "KTL_BUILDER_IDLE"};

constexpr std::array<std::string_view, 6> kProxies = {"HTTP_PROXY",  "http_proxy", "HTTPS_PROXY",
                                                      "https_proxy", "ALL_PROXY",  "all_proxy"};

bool is_in(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool is_common(std::string_view name, std::string_view) {
  return is_in(kCommon, name) || name.starts_with("LC_");
}

// A proxy's address may name a user and a password.
bool is_for_worker(std::string_view name, std::string_view value) {
  return is_common(name, value) || is_in(kBuilder, name) ||
         (is_in(kProxies, name) && value.find('@') == std::string_view::npos);
}

std::vector<std::string> those(bool (*wanted)(std::string_view name, std::string_view value)) {
  std::vector<std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view pair(*entry);
    const size_t equals = pair.find('=');
    if (equals != std::string_view::npos &&
        wanted(pair.substr(0, equals), pair.substr(equals + 1))) {
      variables.emplace_back(pair);
    }
  }
  return variables;
}

}  // namespace

std::vector<std::string> worker_environment() { return those(is_for_worker); }

std::vector<std::string> isolated_environment() { return those(is_common); }

}  // namespace ktl::bridge
