// Pushes one image under several tags, possibly of several repositories.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "http/client.h"
#include "oci/blob_folder.h"
#include "oci/layout_image.h"
#include "oci/reference.h"
#include "oci/registry/push.h"
#include "oci/registry_rule.h"

namespace ktl::export_oci {

// How one verb reaches the world: renewed for every verb, since a verb's cancellation is its own.
struct PushPort {
  http::Transport* transport = nullptr;
  oci::CredentialSource credentials;
  std::function<bool()> stop;
  bool insecure = false;  // all of them may speak plain HTTP
  std::vector<oci::RegistryRule> rules;
  int64_t timeout_ms = 0;  // for each request; 0: none
  // A blob's progress in a repository; from several threads at once.
  std::function<void(const std::string& name, const oci::Descriptor&, int64_t, bool)> progress;
};

// [serial]
class Pusher {
 public:
  Pusher(std::set<std::string> insecure, int connections)
      : insecure_(std::move(insecure)), connections_(connections) {}

  // Content by digest into the repository of every tag; no tag changes.
  Status stage(const std::vector<oci::Reference>& tags, const oci::BlobFolder& store,
               const oci::LayoutImage& image, const PushPort& port);
  // The tags, one after the other; remembers what they meant before.
  Status commit(const std::vector<oci::Reference>& tags, const oci::BlobFolder& store,
                const oci::LayoutImage& image, const PushPort& port);
  // Gives changed tags their old meaning. One line for each that could not be.
  std::vector<std::string> rollback(const PushPort& port);

 private:
  oci::Registry open(const oci::Reference& name, const PushPort& port) const;

  struct Changed {
    oci::Reference name;
    oci::TagChange change;
  };
  std::set<std::string> insecure_;
  int connections_;
  std::vector<Changed> changed_;
};

}  // namespace ktl::export_oci
