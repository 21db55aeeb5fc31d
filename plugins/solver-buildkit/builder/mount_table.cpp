#include "builder/mount_table.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "base/fd.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxTable = 16U << 20U;

// What linux/mount.h calls STATX_MNT_ID says in stx_mnt_id; 0 when the kernel does not.
uint64_t mount_at(const std::string& path) {
  struct statx about{};
  const bool known = ::statx(AT_FDCWD, path.c_str(), AT_NO_AUTOMOUNT, STATX_MNT_ID, &about) == 0 &&
                     (about.stx_mask & STATX_MNT_ID) != 0;
  return known ? about.stx_mnt_id : 0;
}

// Spaces and the like are "\040": a backslash and three octal digits.
std::string unescaped(const std::string& text) {
  std::string plain;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 3 < text.size()) {
      plain += static_cast<char>(std::stoi(text.substr(at + 1, 3), nullptr, 8));
      at += 3;
    } else {
      plain += text[at];
    }
  }
  return plain;
}

// Those that mount(8) takes; "ro" and "rw" are not among them.
std::string flags_of(const std::string& options) {
  constexpr std::array<std::string_view, 7> kFlags = {
      "nosuid", "nodev", "noexec", "noatime", "nodiratime", "relatime", "nosymfollow"};
  std::istringstream words(options);
  std::string kept;
  for (std::string word; std::getline(words, word, ',');) {
    if (std::ranges::find(kFlags, word) != kFlags.end()) {
      kept += (kept.empty() ? "" : ",") + word;
    }
  }
  return kept;
}

}  // namespace

Result<MountTable> MountTable::here() {
  KTL_ASSIGN(const UniqueFd fd, open_file("/proc/self/mountinfo", O_RDONLY));
  KTL_ASSIGN(const std::string text, read_all(fd.get(), kMaxTable));
  return parse(text);
}

MountTable MountTable::parse(const std::string& mountinfo) {
  MountTable table;
  std::istringstream lines(mountinfo);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    uint64_t id = 0;
    std::string parent, device, root, point, options;
    if (fields >> id >> parent >> device >> root >> point >> options) {
      table.mounts_[id] = {unescaped(point), flags_of(options)};
    }
  }
  return table;
}

std::string MountTable::options_of(const std::string& path) const {
  auto found = mounts_.find(mount_at(path));
  return found == mounts_.end() ? "" : found->second.options;
}

std::vector<std::string> MountTable::below(const std::string& path) const {
  std::vector<std::string> points;
  for (const auto& [id, mount] : mounts_) {
    if (mount.point.starts_with(path + "/") && mount_at(mount.point) == id) {
      points.push_back(mount.point);
    }
  }
  return points;
}

}  // namespace ktl::builder
