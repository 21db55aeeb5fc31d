// Host services answered by this process.
#pragma once

#include "core/plugins/services/services.h"
#include "oci/store.h"

namespace ktl {

// ktl's own store.
class StoreContent final : public ContentService {
 public:
  explicit StoreContent(oci::Store store) : store_(std::move(store)) {}

  [[nodiscard]] Result<UniqueFd> open(std::string_view digest) const override {
    return store_.open_blob(digest);
  }
  [[nodiscard]] Result<int64_t> size(std::string_view digest) const override {
    return store_.size(digest);
  }
  [[nodiscard]] Result<UniqueFd> create() const override { return store_.create(); }
  [[nodiscard]] Status commit(int fd, std::string_view digest) const override {
    return store_.commit(fd, digest);
  }
  [[nodiscard]] std::string folder() const override { return store_.folder().native(); }

 private:
  oci::Store store_;
};

}  // namespace ktl
