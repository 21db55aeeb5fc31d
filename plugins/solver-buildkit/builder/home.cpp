#include "builder/home.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "base/sha256.h"
#include "builder/jail.h"
#include "builder/network.h"
#include "builder/order.h"

namespace ktl::builder {
namespace {

// Changes whenever a state folder made by an older ktl must not be used any more.
constexpr int kGeneration = 3;
constexpr std::string_view kPrefix = "jailed-";

Status distrust(const std::filesystem::path& folder, const std::string& why) {
  return Status(Code::kFailedPrecondition,
                folder.string() + " " + why + ", so the private builder does not use it")
      .advise("move it away, or choose another place with XDG_STATE_HOME and XDG_RUNTIME_DIR");
}

Status check_folder(const std::filesystem::path& folder) {
  struct stat info{};
  if (::lstat(folder.c_str(), &info) != 0) {
    return errno_status("look at " + folder.string(), errno);
  }
  if (!S_ISDIR(info.st_mode)) {
    return distrust(folder, S_ISLNK(info.st_mode) ? "is a symbolic link" : "is not a folder");
  }
  if (info.st_uid != ::geteuid()) {
    return distrust(folder, "belongs to user " + std::to_string(info.st_uid));
  }
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return distrust(folder, "can be written by others");
  }
  if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
    return errno_status("use " + folder.string(), errno);
  }
  return {};
}

Status make_folder(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return errno_status("make " + folder.string(), errno);
  }
  return check_folder(folder);
}

}  // namespace

Result<Home> home_for(const Settings& settings, bool root,
                      const std::filesystem::path& state_folder,
                      const std::filesystem::path& runtime_folder) {
  KTL_TRY(check_zone(settings.zone));
  KTL_ASSIGN(std::string network, canonical_network(settings.network));
  Home home;
  std::string identity =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", kGeneration, ::getuid(), state_folder.string(),
                  settings.zone, network, root ? "root" : "user", fence_digest());
  home.key = sha256_hex(identity).substr(0, 12);
  home.state = state_folder / fmt::format("{}{}-{}", kPrefix, settings.zone, home.key);
  home.socket = runtime_folder / (home.key + ".sock");
  if (home.daemon_socket().string().size() >= sizeof(sockaddr_un::sun_path)) {
    return Status(Code::kInvalidArgument,
                  "the socket path " + home.socket.string() + " is too long for the kernel")
        .advise("set XDG_RUNTIME_DIR to a shorter folder");
  }
  return home;
}

std::vector<KnownHome> known_homes(const std::filesystem::path& state_folder,
                                   const std::filesystem::path& runtime_folder) {
  std::vector<KnownHome> homes;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(state_folder, error)) {
    std::string name = entry.path().filename();
    size_t dash = name.rfind('-');
    if (name.starts_with(kPrefix) && dash > kPrefix.size() && !entry.is_symlink(error)) {
      std::string key = name.substr(dash + 1);
      std::string zone = name.substr(kPrefix.size(), dash - kPrefix.size());
      if (check_zone(zone).ok()) {
        Home home{key, entry.path(), runtime_folder / (key + ".sock")};
        auto order = read_order(home.order());
        homes.push_back({zone, order.ok() ? order->settings.network : "?", std::move(home)});
      }
    }
  }
  std::ranges::sort(homes, {}, [](const KnownHome& each) { return each.home.state; });
  return homes;
}

Status make_home(const Home& home) {
  KTL_TRY(check_folder(home.state.parent_path()));
  KTL_TRY(make_folder(home.state));
  return check_folder(home.socket.parent_path());
}

}  // namespace ktl::builder
