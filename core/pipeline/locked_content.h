// What a build with a ktl.lock gets its downloads from.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/pipeline/lock_rules.h"
#include "http/client.h"
#include "lock/allow_list.h"
#include "lock/fetch.h"
#include "lock/kept_server.h"
#include "oci/store.h"

namespace ktl {

// Content is looked for among what is kept, else fetched and checked; only then is it served.
// Thread rule: any thread.
class LockedContent {
 public:
  // `near`: what of this machine and its link the lock may name, else it may not;
  // `kept`: the folder of kept content; `store`: that of ktl's own images. Both are made when they
  // are missing.
  static Result<std::shared_ptr<LockedContent>> make(std::shared_ptr<const lock::Lock> lock,
                                                     lock::AllowList near,
                                                     const std::filesystem::path& kept,
                                                     const std::filesystem::path& store,
                                                     std::unique_ptr<http::Transport> transport);

  // Serves from now on, on the loopback of the builder behind this unix socket.
  // kFailedPrecondition: it has a network that this user may not enter.
  Status serve(const std::string& socket);

  // Looks which of the lock's images are here for a build for `platforms`: the builder takes those
  // from ktl's store, where they go if they are among what is kept.
  void bring_images(const std::vector<std::string>& platforms);

  // Makes ready what was allowed. Waits for all of it; each content is fetched once. kDataLoss:
  // it is another one now.
  Status provide(const json::value& question);

  // "kept" of solve-1.
  [[nodiscard]] json::object document() const;

 private:
  struct Item {
    std::mutex mutex;
    std::optional<Status> ready;
  };
  LockedContent(std::shared_ptr<const lock::Lock> lock, lock::AllowList near, oci::Store kept,
                oci::Store store, std::unique_ptr<http::Transport> transport)
      : rules_(std::move(lock)),
        near_(std::move(near)),
        kept_(std::move(kept)),
        store_(std::move(store)),
        transport_(std::move(transport)) {}
  Status make_ready(const std::string& name, lock::Wanted wanted);

  const LockRules rules_;
  const lock::AllowList near_;
  const oci::Store kept_;
  const oci::Store store_;
  const std::unique_ptr<http::Transport> transport_;
  std::set<std::string> here_;  // digests of images
  std::mutex mutex_;
  std::map<std::string, Item> items_;  // by name
  std::unique_ptr<lock::KeptServer> server_;
};

}  // namespace ktl
