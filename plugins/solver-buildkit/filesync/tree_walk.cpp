#include "filesync/tree_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "filesync/send_tree.h"

namespace ktl::filesync {
namespace {

constexpr int kOpenFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;

bool is_folder(int parent, const Name& name) {
  if (name.type != DT_UNKNOWN) {
    return name.type == DT_DIR;
  }
  struct stat info{};
  return ::fstatat(parent, name.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISDIR(info.st_mode);
}

}  // namespace

Status TreeWalk::start() {
  started_ = true;
  Level level;
  level.sent = true;
  // Opened anew: the caller's descriptor has one offset for everyone.
  level.folder = UniqueFd(::openat(root_, ".", kOpenFolder));
  if (!level.folder.valid()) {
    return disk_failure("open the folder", ".", errno);
  }
  KTL_ASSIGN(level.names, list_folder(level.folder.get(), "."));
  levels_.push_back(std::move(level));
  return {};
}

Result<bool> TreeWalk::next(Entry& entry) {
  if (!started_) {
    KTL_TRY(start());
  }
  while (!levels_.empty()) {
    if (holding_) {
      return emit(entry);
    }
    Level& level = levels_.back();
    if (level.next == level.names.size()) {
      levels_.pop_back();
      continue;
    }
    path_.resize(level.path_size);
    const Name name = std::move(level.names[level.next++]);
    path_ += name.name;
    KTL_TRY(visit(name));
  }
  return false;
}

// path_ is that of `name`, in the last of levels_.
Status TreeWalk::visit(const Name& name) {
  Level& level = levels_.back();
  const bool folder = is_folder(level.folder.get(), name);
  held_matches_ = {};
  const Filter::Verdict verdict =
      filter_.judge(path_, level.matches, folder ? &held_matches_ : nullptr);
  if (!verdict.send) {
    return verdict.enter ? enter(name.name, false) : Status();
  }
  KTL_ASSIGN(holding_, read_entry(level.folder.get(), name.name.c_str(), path_, held_));
  return {};
}

Result<bool> TreeWalk::emit(Entry& entry) {
  auto unsent = std::ranges::find(levels_, false, &Level::sent);
  if (unsent != levels_.end()) {
    return emit_parent(*unsent, entry);
  }
  holding_ = false;
  std::swap(entry, held_);
  entry.stat.path = path_;
  link(entry);
  if ((entry.stat.mode & kGoFolder) != 0) {
    KTL_TRY(enter(path_.substr(levels_.back().path_size), true));
  }
  return true;
}

Result<bool> TreeWalk::emit_parent(Level& level, Entry& entry) {
  const std::string path = path_.substr(0, level.path_size - 1);
  level.sent = true;
  KTL_TRY(read_entry(level.folder.get(), "", path, entry).status());
  entry.stat.path = path;
  return true;
}

void TreeWalk::link(Entry& entry) {
  if (entry.links < 2 || (entry.stat.mode & (kGoFolder | kGoSymlink)) != 0) {
    return;
  }
  const auto [first, is_new] =
      first_names_.try_emplace({entry.device, entry.inode}, entry.stat.path);
  if (!is_new) {
    entry.stat.linkname = first->second;
  }
}

Status TreeWalk::enter(const std::string& name, bool sent) {
  Level level;
  level.folder = UniqueFd(::openat(levels_.back().folder.get(), name.c_str(), kOpenFolder));
  if (!level.folder.valid()) {
    // Of a folder that is left out, what cannot be seen is left out too.
    const bool hidden = errno == EACCES && !sent;
    return hidden || vanished(errno) ? Status() : disk_failure("open the folder", path_, errno);
  }
  if (levels_.size() > kMaxDepth) {
    return Status(Code::kResourceExhausted, "folders inside each other are too deep at " +
                                                quoted_path(path_.substr(0, 60)) + "...")
        .advise("leave them out with .dockerignore");
  }
  KTL_ASSIGN(level.names, list_folder(level.folder.get(), path_));
  level.path_size = path_.size() + 1;
  path_ += '/';
  level.matches = std::move(held_matches_);
  level.sent = sent;
  levels_.push_back(std::move(level));
  return {};
}

}  // namespace ktl::filesync
