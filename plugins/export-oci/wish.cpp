#include "wish.h"

#include <algorithm>

namespace ktl::export_oci {
namespace {

Status read_tags(const json::value& plan, std::vector<oci::Reference>& tags) {
  for (const auto& text : texts_of(plan, "tags")) {
    KTL_ASSIGN(oci::Reference tag, oci::parse_tag(text));
    if (std::find(tags.begin(), tags.end(), tag) == tags.end()) {
      tags.push_back(std::move(tag));
    }
  }
  return {};
}

// "out/" and "./out" are the folder "/abs/out".
std::filesystem::path absolute(std::string_view text) {
  auto path = std::filesystem::absolute(std::filesystem::path(text)).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace

Result<Wish> read_wish(const json::value& plan) {
  Wish wish;
  KTL_TRY(read_tags(plan, wish.tags));
  if (const auto* context = field_of(plan, "context"); context != nullptr) {
    wish.context = text_of(*context, "dir");
  }
  const auto* all = field_of(plan, "options");
  const auto* options = all == nullptr ? nullptr : field_of(*all, kPluginId);
  bool bare = false;
  if (options != nullptr) {
    wish.push = bool_of(*options, "push");
    const auto* oci = field_of(*options, "oci");
    bool given = oci != nullptr && oci->is_string();
    bare = given && oci->get_string().empty();
    wish.destination = given && !bare ? absolute(oci->get_string()) : "";
  }
  if (wish.push && wish.tags.empty()) {
    return Status(Code::kInvalidArgument, "--push needs a tag: there is no name to push to")
        .advise("add one, e.g. -t REGISTRY/NAME:TAG");
  }
  wish.keep = bare || (!wish.tags.empty() && !wish.push && wish.destination.empty());
  return wish;
}

}  // namespace ktl::export_oci
