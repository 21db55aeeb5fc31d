// What the builder of a locked build is led to instead of what it asks for.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "services/blob_store.h"
#include "services/policy.h"

namespace ktl::solver {

// The name of the session's store that has ktl's own images.
inline constexpr const char* kKeptStore = "ktl-kept";

// ktl's own store, as what only is read.
class KeptBlobs final : public BlobStore {
 public:
  explicit KeptBlobs(BlobStore& store) : store_(store) {}
  Result<UniqueFd> open_blob(const std::string& digest) override {
    return store_.open_blob(digest);
  }
  Result<int64_t> blob_size(const std::string& digest) override { return store_.blob_size(digest); }
  Result<UniqueFd> create_blob() override {
    return Status(Code::kPermissionDenied, "kept images are only read");
  }
  Status commit_blob(int /*fd*/, const std::string& /*digest*/) override {
    return {Code::kPermissionDenied, "kept images are only read"};
  }

 private:
  BlobStore& store_;
};

// Thread rule: any thread.
class Kept {
 public:
  // `document`: "kept" of solve-1; null: the build has no lock. `session` shares kKeptStore.
  Kept(const json::value& document, std::string session);

  // Whether each request is held to what the lock has for its step.
  [[nodiscard]] bool holds() const { return holds_; }

  // A source that nobody has pinned, as the lock pins it; nothing: it is pinned, or not locked.
  [[nodiscard]] std::optional<Source> pinned(const Asked& asked) const;
  // Where to get what was allowed; nothing: from where it asked. `step`: of a request.
  std::optional<Source> instead_of(const Asked& asked, const std::string& step);

  // Whether the builder was led there.
  [[nodiscard]] bool gave(const std::string& identifier) const;
  // Which request was led to this URL.
  struct Origin {
    std::string url;
    std::string step;
  };
  [[nodiscard]] std::optional<Origin> origin_of(const std::string& url) const;
  // Requests that were led to a URL that is not in `got`: BuildKit (0.34.2, proxyHandler.check)
  // follows with a GET and answers any other method 403, and lists nothing then.
  [[nodiscard]] std::vector<Origin> not_got(const std::set<std::string>& got) const;

 private:
  struct Image {
    std::string digest;
    bool here = false;
  };
  [[nodiscard]] std::optional<Source> image_instead(const Asked& asked) const;
  std::optional<Source> remember(Source source, const Origin& origin);

  const bool holds_;
  const std::string session_;
  std::string url_;
  std::map<std::string, Image> images_;              // by reference
  std::map<std::string, std::string> repositories_;  // host and path -> commit
  mutable std::mutex mutex_;
  std::map<std::string, Origin> given_;  // by identifier
};

}  // namespace ktl::solver
