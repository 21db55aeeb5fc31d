// Content by digest, behind the session's content service: ktl's store or a folder.
#pragma once

#include <cstdint>
#include <string>

#include "base/fd.h"
#include "base/status.h"

namespace ktl::solver {

// Thread rule: any thread.
class BlobStore {
 public:
  virtual ~BlobStore() = default;
  virtual Result<UniqueFd> open_blob(const std::string& digest) = 0;  // kNotFound: absent
  virtual Result<int64_t> blob_size(const std::string& digest) = 0;   // kNotFound: absent
  // An empty file that is gone when it is closed without commit_blob. kPermissionDenied: this store
  // is only read.
  virtual Result<UniqueFd> create_blob() = 0;
  virtual Status commit_blob(int fd, const std::string& digest) = 0;
};

}  // namespace ktl::solver
