#include "cli/commands/lock_content.h"

#include "core/plugins/host.h"
#include "lock/keep.h"
#include "lock/keep_images.h"
#include "lock/kept_content.h"
#include "oci/reference.h"
#include "oci/registry/registry.h"
#include "oci/registry/routed.h"
#include "oci/registry_auth.h"

namespace ktl::cli {
namespace {

constexpr size_t kShown = 200;  // of a step's text

class Work {
 public:
  Work(const Request& request, const CancelToken& cancel, oci::RegistryAuth auth, oci::Store store)
      : request_(request),
        cancel_(cancel),
        auth_(std::move(auth)),
        store_(std::move(store)),
        client_(cancel.fd()),
        routed_(client_, request.registries) {}

  Result<LockMade> make(const lock::Recorded& recorded) {
    lock::Keep keep(routed_, store_);
    LockMade made;
    KTL_ASSIGN(made.lock, keep.lock(recorded));
    for (const lock::Unlockable& one : made.lock.not_lockable) {
      made.remarks.push_back("not lockable: " + step_of(one) + one.method + " " + one.url + ": " +
                             one.reason);
    }
    for (const std::string& source : recorded.unknown) {
      made.remarks.push_back("not locked: " + source + ": the builder does not tell what it was");
    }
    for (const auto& [url, why] : keep.not_kept()) {
      made.remarks.push_back(url + " is locked and not kept: " + why);
    }
    KTL_TRY(keep_images(recorded, made));
    return made;
  }

 private:
  static std::string step_of(const lock::Unlockable& one) {
    return one.step.empty() ? "" : "step " + one.step.substr(0, kShown) + ": ";
  }

  Status keep_images(const lock::Recorded& recorded, LockMade& made) {
    for (const auto& [key, image] : recorded.images) {
      Status status = keep_image(image);
      if (status.code() == Code::kCancelled || cancel_.cancelled()) {
        return {Code::kCancelled, "interrupted"};
      }
      if (!status.ok()) {
        made.remarks.push_back(key + " is locked and not kept: " + status.message());
      }
    }
    return {};
  }

  // Mirrors first, as the builder does.
  Status keep_image(const lock::RecordedImage& image) {
    KTL_ASSIGN(const oci::Reference name, oci::parse_reference(image.ref));
    const RegistryRule* rule = oci::rule_for(request_.registries, name.domain);
    for (const std::string& mirror : rule == nullptr ? std::vector<std::string>() : rule->mirrors) {
      const auto there = oci::parse_reference(mirror + "/" + name.path);
      if (there.ok() && keep_from(*there, image).ok()) {
        return {};
      }
    }
    return keep_from(name, image);
  }

  Status keep_from(const oci::Reference& name, const lock::RecordedImage& image) {
    const RegistryRule* rule = oci::rule_for(request_.registries, name.domain);
    oci::RegistryOptions options{.plain_http = rule != nullptr && rule->http,
                                 .tls = rule != nullptr && rule->wants_tls(),
                                 .only_reads = true};
    options.credentials = [this](std::string_view registry) { return auth_.credentials(registry); };
    options.stop = [this] { return cancel_.cancelled(); };
    oci::Registry registry(routed_, name, std::move(options));
    return lock::keep_image(registry, store_, image.digest, image.platforms);
  }

  const Request& request_;
  const CancelToken& cancel_;
  const oci::RegistryAuth auth_;
  const oci::Store store_;
  http::Client client_;
  oci::RoutedTransport routed_;
};

// The store is in use as long as it is open.
Result<LockMade> make(const lock::Recorded& recorded, const Request& request,
                      const std::filesystem::path& folder, const CancelToken& cancel) {
  KTL_ASSIGN(oci::RegistryAuth auth, request.authfile.empty()
                                         ? oci::RegistryAuth::load_default()
                                         : oci::RegistryAuth::load(request.authfile));
  KTL_ASSIGN(oci::Store store, oci::Store::open(folder));
  return Work(request, cancel, std::move(auth), std::move(store)).make(recorded);
}

// Another ktl that uses it prunes it another time.
Status prune(const std::filesystem::path& folder, int64_t most_bytes) {
  const auto gone = lock::prune_kept(folder, most_bytes);
  return gone.status().code() == Code::kUnavailable ? Status() : gone.status();
}

}  // namespace

Result<LockMade> lock_and_keep(const lock::Recorded& recorded, const Request& request,
                               int64_t most_bytes, const CancelToken& cancel) {
  KTL_ASSIGN(const PluginFolders folders, default_plugin_folders());
  const std::filesystem::path folder = lock::kept_folder(folders.state);
  KTL_ASSIGN(LockMade made, make(recorded, request, folder, cancel));
  KTL_TRY(prune(folder, most_bytes));
  KTL_ASSIGN(const oci::Store store, oci::Store::open(folder));
  if (Status kept = lock::content_of(made.lock, store).status(); !kept.ok()) {
    made.remarks.push_back("a build without a network will miss something: " + kept.message());
  }
  return made;
}

}  // namespace ktl::cli
