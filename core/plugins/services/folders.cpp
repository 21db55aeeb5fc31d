#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "core/plugins/host.h"

namespace ktl {
namespace {

using std::filesystem::path;

// A variable that holds an absolute path; the XDG base directory specification says to ignore
// relative ones.
path absolute_variable(const char* name) {
  const char* value = getenv(name);
  path folder = value == nullptr ? path() : path(value);
  return folder.is_absolute() ? folder : path();
}

path home_folder() {
  path home = absolute_variable("HOME");
  if (!home.empty()) {
    return home;
  }
  std::array<char, 16384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0 ||
      found == nullptr) {
    return {};
  }
  path folder = found->pw_dir;
  return folder.is_absolute() ? folder : path();
}

// Sockets have short paths (108 bytes), so the last resort is no deep folder.
path runtime_folder(const path& cache) {
  path runtime = absolute_variable("XDG_RUNTIME_DIR");
  if (!runtime.empty()) {
    return runtime / "ktl";
  }
  return geteuid() == 0 ? path("/run/ktl") : cache / "run";
}

}  // namespace

// Source: https://specifications.freedesktop.org/basedir-spec/latest/
Result<PluginFolders> default_plugin_folders() {
  path home = home_folder();
  path state = absolute_variable("XDG_STATE_HOME");
  path cache = absolute_variable("XDG_CACHE_HOME");
  if (home.empty() && (state.empty() || cache.empty())) {
    return Status(Code::kFailedPrecondition, "there is no home folder to keep state in")
        .advise("set HOME, or XDG_STATE_HOME and XDG_CACHE_HOME");
  }
  PluginFolders folders;
  folders.state = (state.empty() ? home / ".local/state" : state) / "ktl";
  folders.cache = (cache.empty() ? home / ".cache" : cache) / "ktl";
  folders.runtime = runtime_folder(folders.cache);
  return folders;
}

Status make_private_folder(const std::filesystem::path& folder) {
  std::filesystem::path so_far;
  for (const auto& part : folder) {
    so_far /= part;
    if (mkdir(so_far.c_str(), 0700) != 0 && errno != EEXIST) {
      struct stat info{};
      int why = errno;
      if (stat(so_far.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
        return errno_status("mkdir " + so_far.native(), why);
      }
    }
  }
  struct stat info{};
  if (stat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return {Code::kFailedPrecondition, folder.native() + " is not a folder"};
  }
  return {};
}

}  // namespace ktl
