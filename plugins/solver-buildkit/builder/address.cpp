#include "builder/address.h"

#include <sys/un.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace ktl::builder {
namespace {

constexpr std::string_view kUnixScheme = "unix://";
constexpr std::array<std::string_view, 5> kLaterSchemes = {"tcp://", "docker-container://",
                                                           "ssh://", "kube-pod://", "docker://"};
constexpr size_t kMaxSocketPath = sizeof(sockaddr_un::sun_path) - 1;

Result<Address> unix_address(const std::string& text, const std::string& origin) {
  Address address{Address::Kind::kUnix, text.substr(kUnixScheme.size()), origin};
  if (address.path.empty() || address.path[0] != '/') {
    return Status(Code::kInvalidArgument, origin + ": " + text + " names no absolute socket path")
        .advise("write unix:///run/buildkit/buildkitd.sock");
  }
  if (address.path.size() > kMaxSocketPath) {
    return Status(Code::kInvalidArgument,
                  origin + ": the socket path has " + std::to_string(address.path.size()) +
                      " bytes, the kernel takes " + std::to_string(kMaxSocketPath));
  }
  return address;
}

Result<Address> explicit_address(const std::string& text, const std::string& origin) {
  if (text.starts_with(kUnixScheme)) {
    return unix_address(text, origin);
  }
  bool later =
      text == "docker" || std::any_of(kLaterSchemes.begin(), kLaterSchemes.end(),
                                      [&](auto scheme) { return text.starts_with(scheme); });
  if (later) {
    return Status(Code::kUnimplemented, origin + ": builder " + text + " is not built yet")
        .advise("use unix:///path/to/buildkitd.sock or auto");
  }
  return Status(Code::kInvalidArgument, origin + ": " + text + " is no builder address")
      .advise("use unix:///path/to/buildkitd.sock or auto");
}

}  // namespace

Result<Address> parse_address(const std::string& text, const Getenv& getenv) {
  if (!text.empty() && text != "auto") {
    return explicit_address(text, "--builder");
  }
  std::string host = getenv("BUILDKIT_HOST");
  if (!host.empty()) {
    return explicit_address(host, "BUILDKIT_HOST");
  }
  return Address{Address::Kind::kPrivate, "", "auto"};
}

}  // namespace ktl::builder
