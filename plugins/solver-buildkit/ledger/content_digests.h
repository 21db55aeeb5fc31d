// What a step takes from the folders of a build, as one digest.
#pragma once

#include <map>
#include <string>

#include "base/status.h"
#include "ledger/chain.h"
#include "ledger/file_digests.h"
#include "services/filesync.h"

namespace ktl::solver {

// Digests over names, modes, links, extended attributes and contents of what the builder was shown
// in this session; never over less than the step can see: where a selection goes through a symlink
// or has patterns that cannot be told apart here, all of the folder counts. Thread rule: one
// thread, when no transfer runs any more. What it refers to outlives it.
class ContentDigests {
 public:
  // Entries that all selections of a build look at; what comes after has no digest.
  static constexpr size_t kMostLooks = 2'000'000;

  // `began_ns`: when the folders began to be read, since 1970. What changed since then may not be
  // what was sent: it has no digest.
  ContentDigests(const SharedFolders& folders, FileDigests& files, int64_t began_ns)
      : folders_(folders), files_(files), began_ns_(began_ns) {}

  // As ledger::ContentDigest.
  Result<std::string> digest_of(const ledger::Selection& selection);

 private:
  Result<std::string> line_of(const SharedFolder& folder, const std::string& path,
                              const SentFile& file);

  Result<std::string> count(const ledger::Selection& selection);

  const SharedFolders& folders_;
  FileDigests& files_;
  const int64_t began_ns_;
  size_t looked_at_ = 0;                      // entries, by all selections together
  std::map<std::string, std::string> known_;  // digests by selection
};

}  // namespace ktl::solver
