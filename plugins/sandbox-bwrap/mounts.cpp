#include "mounts.h"

#include <sys/stat.h>

#include "base/number.h"
#include "jail/path.h"

namespace ktl::sandbox_bwrap {
namespace {

void append(Words& words, std::initializer_list<std::string> more) {
  words.insert(words.end(), more);
}

// "64K" in bytes; nothing for a share ("50%") or no number.
std::optional<int64_t> bytes_of(std::string_view text) {
  constexpr std::string_view kUnits = "kmgt";
  int64_t unit = 1;
  if (!text.empty()) {
    const size_t at = kUnits.find(static_cast<char>(text.back() | 0x20));
    if (at != std::string_view::npos) {
      unit = int64_t{1} << (10 * (at + 1));
      text.remove_suffix(1);
    }
  }
  const auto number = whole_number(text);
  const bool fits = number && *number > 0 && *number <= INT64_MAX / unit;
  return fits ? std::optional(*number * unit) : std::nullopt;
}

bool is_octal(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         text.find_first_not_of("01234567") == std::string_view::npos;
}

void add_tmpfs(const jail::Mount& mount, Words& words, Refusals& refusals) {
  std::string_view rest = mount.options;
  while (!rest.empty()) {
    const std::string_view option = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), option.size() + 1));
    const auto size = option.starts_with("size=") ? bytes_of(option.substr(5)) : std::nullopt;
    if (size) {
      append(words, {"--size", std::to_string(*size)});
    } else if (option.starts_with("mode=") && is_octal(option.substr(5))) {
      append(words, {"--perms", std::string(option.substr(5))});
    } else if (!option.empty()) {
      refusals.add(mount.origin, "the option \"" + std::string(option) + "\" of this tmpfs");
    }
  }
  append(words, {"--tmpfs", mount.dst});
}

void add_filesystem(const jail::Mount& mount, Words& words, Refusals& refusals) {
  if (mount.fstype == "tmpfs") {
    add_tmpfs(mount, words, refusals);
    return;
  }
  if ((mount.fstype != "proc" && mount.fstype != "mqueue") || !mount.options.empty()) {
    refusals.add(mount.origin, "the file system " + mount.fstype +
                                   (mount.options.empty() ? "" : " with options"));
  }
  append(words, {"--" + mount.fstype, mount.dst});
}

bool is_device(const jail::Mount& mount) {
  struct stat found{};
  return !mount.nodev && (jail::is_within(mount.src, "/dev") ||
                          (::stat(mount.src.c_str(), &found) == 0 &&
                           (S_ISCHR(found.st_mode) || S_ISBLK(found.st_mode))));
}

}  // namespace

void add_mount(const jail::Mount& mount, const KeepFile& keep, Words& words, Words& last,
               Refusals& refusals) {
  if (mount.noexec) {
    refusals.add(mount.origin, "noexec of " + mount.dst);
  }
  const bool device = mount.kind == jail::MountKind::kBind && is_device(mount);
  switch (mount.kind) {
    case jail::MountKind::kSymlink:
      append(words, {"--symlink", mount.src, mount.dst});
      return;
    case jail::MountKind::kContent:
      append(words, {"--perms", "0644", mount.rw ? "--bind-data" : "--ro-bind-data",
                     std::to_string(keep(mount.content)), mount.dst});
      return;
    case jail::MountKind::kBind:
      append(words, {device     ? "--dev-bind"
                     : mount.rw ? "--bind"
                                : "--ro-bind",
                     mount.src, mount.dst});
      break;
    case jail::MountKind::kFilesystem:
      add_filesystem(mount, words, refusals);
      break;
  }
  if (!mount.rw && (device || mount.kind == jail::MountKind::kFilesystem)) {
    append(last, {"--remount-ro", mount.dst});
  }
}

}  // namespace ktl::sandbox_bwrap
