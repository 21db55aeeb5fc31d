// Digests of files that were read before: what has not changed since is not read again.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "base/status.h"
#include "services/sent_files.h"

namespace ktl::solver {

// Remembered under device, inode, size, modification and change time; a file that changed within
// the second before it was read is not remembered, since it may change again without any of these.
//
// One file of fixed records in ktl's cache folder. Whatever is wrong with it, it is as if it were
// empty; of several writers the last one wins. Thread rule: one thread.
class FileDigests {
 public:
  // `budget`: how many bytes of files digest_of() reads in all.
  FileDigests(std::filesystem::path file, int64_t budget);

  // "sha256:<hex>" of the regular file `path` below `root`, that is still what `listed` says.
  // kFailedPrecondition: it is not; kResourceExhausted: the budget is used up.
  Result<std::string> digest_of(int root, const std::string& path, const SentFile& listed);

  // Writes what is new, with what was used in this build first: at most kMost files.
  Status save() const;
  static constexpr size_t kMost = 100'000;

 private:
  using Key = std::array<int64_t, 5>;
  struct Known {
    std::array<uint8_t, 32> sha256{};
    bool used = false;
  };
  void load();

  const std::filesystem::path file_;
  int64_t budget_;
  bool loaded_ = false;
  bool changed_ = false;
  std::map<Key, Known> known_;
};

}  // namespace ktl::solver
