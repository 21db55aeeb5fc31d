// Host services answered by this process.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>

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

// The same, opened (and so held against pruning) when content is first asked for: a command that
// only wants to know where the store is leaves it free. [any thread]
class LazyContent final : public ContentService {
 public:
  explicit LazyContent(std::filesystem::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] Result<UniqueFd> open(std::string_view digest) const override {
    KTL_ASSIGN(const oci::Store* store, store_of());
    return store->open_blob(digest);
  }
  [[nodiscard]] Result<int64_t> size(std::string_view digest) const override {
    KTL_ASSIGN(const oci::Store* store, store_of());
    return store->size(digest);
  }
  [[nodiscard]] Result<UniqueFd> create() const override {
    KTL_ASSIGN(const oci::Store* store, store_of());
    return store->create();
  }
  [[nodiscard]] Status commit(int fd, std::string_view digest) const override {
    KTL_ASSIGN(const oci::Store* store, store_of());
    return store->commit(fd, digest);
  }
  [[nodiscard]] std::string folder() const override { return folder_.native(); }

 private:
  Result<const oci::Store*> store_of() const {
    const std::lock_guard lock(mutex_);
    if (!store_) {
      KTL_ASSIGN(oci::Store opened, oci::Store::open(folder_));
      store_.emplace(std::move(opened));
    }
    return &*store_;
  }

  const std::filesystem::path folder_;
  mutable std::mutex mutex_;
  mutable std::optional<oci::Store> store_;
};

}  // namespace ktl
