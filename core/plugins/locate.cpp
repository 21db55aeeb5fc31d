#include "core/plugins/locate.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "core/plugins/verify.h"

namespace ktl {
namespace {

constexpr size_t kMaxFiles = 256;
constexpr std::string_view kSuffix = ".so";

Result<std::vector<std::string>> names_in(int folder, const std::string& path) {
  UniqueFd own(fcntl(folder, F_DUPFD_CLOEXEC, 0));
  std::unique_ptr<DIR, int (*)(DIR*)> stream(own.valid() ? fdopendir(own.get()) : nullptr,
                                             &closedir);
  if (stream == nullptr) {
    return errno_status("read folder " + path, errno);
  }
  own.release();
  std::vector<std::string> names;
  while (const dirent* entry = readdir(stream.get())) {
    std::string_view name = entry->d_name;
    if (name.ends_with(kSuffix) && name.size() > kSuffix.size() && name.front() != '.') {
      names.emplace_back(name);
    }
    if (names.size() > kMaxFiles) {
      return Status(Code::kResourceExhausted, path + " holds more than 256 plugins");
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

// O_NONBLOCK: a fifo of that name must not hold ktl up; the manifest reader refuses it.
Status look(int folder, const std::string& name, PluginIndex& index, PluginFile& file) {
  KTL_ASSIGN(file.fd, open_beneath(folder, name, O_RDONLY | O_NONBLOCK));
  KTL_TRY(verify_owner(file.fd.get(), file.path));
  KTL_ASSIGN(KnownPlugin known, index.look(file.fd.get()));
  file.manifest = std::move(known.manifest);
  file.sha256 = std::move(known.sha256);
  return check_abi(file.manifest);
}

Result<UniqueFd> open_folder(const std::filesystem::path& path) {
  KTL_ASSIGN(UniqueFd folder, open_file(path, O_RDONLY | O_DIRECTORY));
  KTL_TRY(verify_owner(folder.get(), path.native()));
  return folder;
}

}  // namespace

Result<PluginFolder> default_plugin_folder() {
  std::error_code error;
  auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    return Status(Code::kNotFound, "cannot find the program's own folder: " + error.message());
  }
  auto root = program.parent_path().parent_path();
  return PluginFolder{root / "lib" / "ktl" / "plugins", "default", true, true};
}

Result<std::vector<PluginFile>> plugins_in(const PluginFolder& folder, PluginIndex& index) {
  auto opened = open_folder(folder.path);
  if (!opened.ok() && opened.status().code() == Code::kNotFound && folder.may_be_missing) {
    return std::vector<PluginFile>{};
  }
  if (!opened.ok()) {
    return std::move(opened).status().in("plugin folder").at(folder.origin);
  }
  KTL_ASSIGN(auto names, names_in(opened->get(), folder.path.native()));
  std::vector<PluginFile> files;
  for (const auto& name : names) {
    PluginFile file;
    file.path = (folder.path / name).native();
    file.origin = folder.origin;
    file.enabled = folder.enabled;
    file.fault = look(opened->get(), name, index, file).at(file.path);
    files.push_back(std::move(file));
  }
  return files;
}

PluginFile plugin_at(const std::filesystem::path& path, const std::string& origin,
                     PluginIndex& index) {
  PluginFile file;
  file.path = path.native();
  file.origin = origin;
  file.enabled = true;
  auto folder = open_folder(path.parent_path());
  file.fault = folder.ok()
                   ? look(folder->get(), path.filename().native(), index, file).at(file.path)
                   : std::move(folder).status().at(origin);
  return file;
}

}  // namespace ktl
