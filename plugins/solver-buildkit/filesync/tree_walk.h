// A folder's entries in the order of file sync.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/status.h"
#include "filesync/disk.h"
#include "filesync/filter.h"

namespace ktl::filesync {

// Depth first, each folder before what it holds, names sorted by bytes; the root itself is not
// among them. A folder that the filter leaves out comes nevertheless, just before the first thing
// in it that is sent. Of several names of one file the first is the file, the others carry its
// path as their linkname. What vanishes during the walk is left out.
//
// Never leaves the root and follows no symlink: folders are opened one from the other. Keeps one
// descriptor for every folder it is in, at most kMaxDepth. Not thread-safe.
class TreeWalk {
 public:
  // `root` is borrowed and its offset not touched.
  TreeWalk(int root, Filter filter) : root_(root), filter_(std::move(filter)) {}

  // The next entry; false at the end. Errors as disk_failure(), or kResourceExhausted too deep.
  Result<bool> next(Entry& entry);

 private:
  struct Level {
    UniqueFd folder;
    size_t path_size = 0;  // of its path in path_, the "/" at its end included
    std::vector<Name> names;
    size_t next = 0;
    Filter::Folder matches;
    bool sent = false;
  };

  Status start();
  Status visit(const Name& name);
  Status enter(const std::string& name, bool sent);
  Result<bool> emit(Entry& entry);
  Result<bool> emit_parent(Level& level, Entry& entry);
  void link(Entry& entry);

  int root_;
  Filter filter_;
  bool started_ = false;
  std::string path_;
  std::vector<Level> levels_;
  std::map<std::pair<dev_t, ino_t>, std::string> first_names_;  // of files with several

  // What the walk stands on: an entry to be sent once its parents are.
  bool holding_ = false;
  Entry held_;
  Filter::Folder held_matches_;
};

}  // namespace ktl::filesync
