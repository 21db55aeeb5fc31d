#include "core/pipeline/locked_content.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "core/document/fields.h"
#include "lock/kept_image.h"
#include "lock/kept_name.h"

namespace ktl {

Result<std::shared_ptr<LockedContent>> LockedContent::make(
    std::shared_ptr<const lock::Lock> lock, lock::AllowList near, const std::filesystem::path& kept,
    const std::filesystem::path& store, std::unique_ptr<http::Transport> transport) {
  KTL_ASSIGN(oci::Store content, oci::Store::open(kept));
  KTL_ASSIGN(oci::Store images, oci::Store::open(store));
  return std::shared_ptr<LockedContent>(new LockedContent(std::move(lock), std::move(near),
                                                          std::move(content), std::move(images),
                                                          std::move(transport)));
}

void LockedContent::bring_images(const std::vector<std::string>& platforms) {
  for (const auto& [ref, digest] : rules_.lock().images) {
    if (!lock::is_kept(store_.blobs(), digest, platforms) &&
        lock::is_kept(kept_.blobs(), digest, platforms)) {
      static_cast<void>(lock::bring(kept_.blobs(), store_, digest));  // then it is not there
    }
    if (lock::is_kept(store_.blobs(), digest, platforms)) {
      here_.insert(digest);
    }
  }
}

Status LockedContent::serve(const std::string& socket) {
  KTL_ASSIGN(const pid_t daemon, lock::process_behind(socket));
  KTL_ASSIGN(lock::Listener listener, lock::listen_near(daemon));
  server_ =
      std::make_unique<lock::KeptServer>(std::move(listener), [this](const std::string& digest) {
        // Kept content that is used is not the first to go.
        const std::string name = oci::BlobFolder::path_of(digest);
        [[maybe_unused]] const int failed =
            ::utimensat(kept_.blobs().root(), name.c_str(), nullptr, AT_SYMLINK_NOFOLLOW);
        return kept_.open_blob(digest);
      });
  return {};
}

Status LockedContent::make_ready(const std::string& name, lock::Wanted wanted) {
  Item* item = nullptr;
  {
    const std::lock_guard lock(mutex_);
    item = &items_[name];
  }
  const std::lock_guard lock(item->mutex);
  if (!item->ready) {
    wanted.near = near_.match(wanted.url).has_value();
    item->ready = lock::fetch(*transport_, kept_, wanted);
    if (item->ready->ok() && server_ != nullptr) {
      server_->add(name, wanted.digest, wanted.type);
    }
  }
  return *item->ready;
}

Status LockedContent::provide(const json::value& question) {
  const json::object request = object_of(question, "request");
  if (text_of(question, "kind") == "request") {
    const lock::Download* one = rules_.find(text_of(request, "step"), text_of(request, "url"));
    return one == nullptr ? Status(Code::kPermissionDenied, "ktl.lock has no such download")
                          : make_ready(lock::kept_name(one->step, one->url),
                                       {one->url, one->digest, one->size, one->type, false});
  }
  const json::object source = object_of(question, "source");
  const std::string url(text_of(source, "identifier"));
  const std::string digest = rules_.file_at(url);
  return digest.empty() ? Status()
                        : make_ready(lock::kept_name("", url), {url, digest, -1, "", true});
}

json::object LockedContent::document() const {
  json::array images;
  for (const auto& [ref, digest] : rules_.lock().images) {
    images.push_back({{"ref", ref}, {"digest", digest}, {"here", here_.contains(digest)}});
  }
  json::array repositories;
  for (const auto& [url, commit] : rules_.lock().repositories) {
    repositories.push_back({{"name", repository_name(url)}, {"commit", commit}});
  }
  return {{"url", server_ == nullptr ? "" : server_->base()},
          {"images", std::move(images)},
          {"repositories", std::move(repositories)}};
}

}  // namespace ktl
