#include "oci/walk.h"

#include <unordered_set>

#include "oci/manifest.h"
#include "oci/media_types.h"

namespace ktl::oci {
namespace {

class Walker {
 public:
  Walker(const ReadDocument& read, const WalkLimits& limits) : read_(read), limits_(limits) {}

  Status visit(const Descriptor& node, int depth) {
    if (is_foreign_layer_type(node.media_type) || !seen_.insert(node.digest).second) {
      return {};
    }
    if (seen_.size() > limits_.blobs || depth > limits_.depth) {
      return {Code::kResourceExhausted, "the image has too many parts or nested indexes"};
    }
    if (is_index_type(node.media_type) || is_manifest_type(node.media_type)) {
      KTL_TRY(visit_children(node, depth));
    }
    found_.push_back(node);
    return {};
  }

  std::vector<Descriptor> take() { return std::move(found_); }

 private:
  Status visit_children(const Descriptor& node, int depth) {
    KTL_ASSIGN(std::string text, read_(node));
    if (static_cast<int64_t>(text.size()) != node.size) {
      return {Code::kDataLoss, node.digest + " has another size than its descriptor says"};
    }
    auto children = children_of(node, text);
    if (!children.ok()) {
      return std::move(children).status().in(node.digest);
    }
    for (const auto& child : *children) {
      KTL_TRY(visit(child, depth + 1));
    }
    return {};
  }

  static Result<std::vector<Descriptor>> children_of(const Descriptor& node,
                                                     std::string_view text) {
    if (is_index_type(node.media_type)) {
      KTL_ASSIGN(Index index, parse_index(text));
      return std::move(index.manifests);
    }
    KTL_ASSIGN(Manifest manifest, parse_manifest(text));
    manifest.layers.push_back(std::move(manifest.config));
    return std::move(manifest.layers);
  }

  const ReadDocument& read_;
  const WalkLimits& limits_;
  std::unordered_set<std::string> seen_;
  std::vector<Descriptor> found_;
};

}  // namespace

Result<std::vector<Descriptor>> walk(const Descriptor& root, const ReadDocument& read,
                                     const WalkLimits& limits) {
  Walker walker(read, limits);
  KTL_TRY(walker.visit(root, 0));
  return walker.take();
}

ReadDocument documents_of(const BlobFolder& blobs) {
  return [&blobs](const Descriptor& node) { return blobs.read(node.digest, kMaxManifestBytes); };
}

}  // namespace ktl::oci
