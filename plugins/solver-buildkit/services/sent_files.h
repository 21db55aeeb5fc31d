// What a builder was shown of a folder.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "filesync/disk.h"

namespace ktl::solver {

// One entry, as it was when it was listed.
struct SentFile {
  uint32_t mode = 0;  // Go's os.FileMode
  int64_t size = 0;
  int64_t mtime_ns = 0;
  int64_t ctime_ns = 0;
  dev_t device = 0;
  ino_t inode = 0;
  std::string more;  // a symlink's target, extended attributes; mostly empty
};

// Everything listed of one folder in a session, whichever filter it was asked for with.
// Thread rule: add() by any thread; files() when the session is over.
class SentFiles {
 public:
  void add(const filesync::Entry& entry);

  [[nodiscard]] const std::map<std::string, SentFile>& files() const { return files_; }
  // Whether there were more than kMost: then the list says nothing.
  [[nodiscard]] bool incomplete() const { return incomplete_; }
  static constexpr size_t kMost = 100'000;

 private:
  std::mutex mutex_;
  std::map<std::string, SentFile> files_;
  bool incomplete_ = false;
};

}  // namespace ktl::solver
