// What was announced: the files that the receiver may ask for by number.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "filesync/packet.h"

namespace ktl::filesync {

// A number is the place of the STAT in its sequence, from 0. Not thread-safe.
class FileTable {
 public:
  struct File {
    std::string path;
    int64_t size;
    int64_t mtime_ns;
  };

  // Every STAT that is sent, in order. kResourceExhausted when there is no number left.
  Status add(const Stat& stat);

  // The file with this number, once: kDataLoss for a number without content behind it and for one
  // that was asked for before.
  Result<File> take(uint32_t id);

 private:
  struct Record {
    size_t path;  // where it starts in paths_, where it ends with NUL; kNone: not to be had
    int64_t size;
    int64_t mtime_ns;
  };
  std::string paths_;  // all in one, for millions of files
  std::vector<Record> records_;
};

}  // namespace ktl::filesync
