#include "pusher.h"

namespace ktl::export_oci {

oci::Registry Pusher::open(const oci::Reference& name, const PushPort& port) const {
  oci::RegistryOptions options;
  const oci::RegistryRule* rule = oci::rule_for(port.rules, name.domain);
  options.tls = rule != nullptr && rule->wants_tls();
  options.plain_http = !options.tls && (port.insecure || insecure_.contains(name.domain) ||
                                        (rule != nullptr && rule->http));
  options.credentials = port.credentials;
  options.stop = port.stop;
  options.timeout_ms = port.timeout_ms;
  return {*port.transport, name, std::move(options)};
}

Status Pusher::stage(const std::vector<oci::Reference>& tags, const oci::BlobFolder& store,
                     const oci::LayoutImage& image, const PushPort& port) {
  std::set<std::string> done;
  for (const auto& tag : tags) {
    if (!done.insert(tag.name()).second) {
      continue;
    }
    oci::Registry registry = open(tag, port);
    oci::PushOptions options;
    options.connections = connections_;
    options.stop = port.stop;
    options.on_blob = [&](const oci::Descriptor& blob, int64_t sent, bool finished) {
      port.progress(tag.name(), blob, sent, finished);
    };
    KTL_TRY(oci::push_content(registry, store, image.blobs, options));
  }
  return {};
}

Status Pusher::commit(const std::vector<oci::Reference>& tags, const oci::BlobFolder& store,
                      const oci::LayoutImage& image, const PushPort& port) {
  for (const auto& tag : tags) {
    oci::Registry registry = open(tag, port);
    KTL_ASSIGN(oci::TagChange change, oci::push_tag(registry, store, image.root, tag.tag));
    changed_.push_back({tag, std::move(change)});
  }
  return {};
}

std::vector<std::string> Pusher::rollback(const PushPort& port) {
  std::vector<std::string> left;
  for (auto changed = changed_.rbegin(); changed != changed_.rend(); ++changed) {
    oci::Registry registry = open(changed->name, port);
    Status status = oci::restore_tag(registry, changed->change);
    if (!status.ok()) {
      left.push_back(changed->name.str() +
                     " was pushed and could not be taken back: " + status.message());
    }
  }
  changed_.clear();
  return left;
}

}  // namespace ktl::export_oci
