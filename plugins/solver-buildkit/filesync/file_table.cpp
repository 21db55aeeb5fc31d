#include "filesync/file_table.h"

#include <limits>

namespace ktl::filesync {
namespace {

constexpr size_t kNone = std::numeric_limits<size_t>::max();

}  // namespace

Status FileTable::add(const Stat& stat) {
  if (records_.size() >= std::numeric_limits<uint32_t>::max()) {
    return Status(Code::kResourceExhausted, "more files than file sync can number");
  }
  if ((stat.mode & kGoTypes) != 0) {
    records_.push_back({kNone, 0, 0});
    return {};
  }
  records_.push_back({paths_.size(), stat.size, stat.mtime_ns});
  paths_.append(stat.path.c_str(), stat.path.size() + 1);
  return {};
}

Result<FileTable::File> FileTable::take(uint32_t id) {
  if (id >= records_.size() || records_[id].path == kNone) {
    return Status(Code::kDataLoss, "the builder asked for file " + std::to_string(id) +
                                       ", which is none or was sent before");
  }
  Record& record = records_[id];
  File file = {paths_.c_str() + record.path, record.size, record.mtime_ns};
  record.path = kNone;
  return file;
}

}  // namespace ktl::filesync
