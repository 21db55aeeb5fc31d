#include "services/sent_files.h"

namespace ktl::solver {
namespace {

// Unambiguous: each part with its size before it.
std::string more_of(const filesync::Stat& stat) {
  std::string more;
  auto put = [&more](const std::string& part) { more += std::to_string(part.size()) + ":" + part; };
  if ((stat.mode & filesync::kGoSymlink) != 0) {
    put(stat.linkname);  // that of a hard link depends on what else is sent
  }
  for (const auto& [name, value] : stat.xattrs) {
    put(name);
    put(value);
  }
  return more;
}

}  // namespace

void SentFiles::add(const filesync::Entry& entry) {
  SentFile file{.mode = entry.stat.mode,
                .size = entry.stat.size,
                .mtime_ns = entry.stat.mtime_ns,
                .ctime_ns = entry.ctime_ns,
                .device = entry.device,
                .inode = entry.inode,
                .more = more_of(entry.stat)};
  const std::lock_guard lock(mutex_);
  incomplete_ = incomplete_ || files_.size() >= kMost;
  if (!incomplete_) {
    files_[entry.stat.path] = std::move(file);
  }
}

}  // namespace ktl::solver
