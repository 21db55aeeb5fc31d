#include "wish.h"

#include <algorithm>

namespace ktl::export_oci {
namespace {

Status usage(const std::string& message, const std::string& advice) {
  return Status(Code::kInvalidArgument, message).advise(advice);
}

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

bool is_true(const json::value& attrs, std::string_view key) {
  const std::string_view text = text_of(attrs, key);
  return text == "true" || text == "1";
}

Status read_flags(const json::value& options, Wish& wish, bool& bare) {
  wish.push = bool_of(options, "push");
  wish.load = bool_of(options, "load");
  const auto* oci = field_of(options, "oci");
  const bool given = oci != nullptr && oci->is_string();
  bare = given && oci->get_string().empty();
  if (given && !bare) {
    Place place{.path = absolute(oci->get_string())};
    place.kind = place.path.extension() == ".tar" ? Place::Kind::kArchive : Place::Kind::kLayout;
    wish.places.push_back(std::move(place));
  }
  return {};
}

// type=image, type=registry: an image in a registry, or else in ktl's store.
void read_image(std::string_view type, const json::value& attrs, Wish& wish, bool& kept) {
  const bool push = type == "registry" ? text_of(attrs, "push") != "false" : is_true(attrs, "push");
  wish.push = wish.push || push;
  wish.by_digest = wish.by_digest || is_true(attrs, "push-by-digest");
  wish.insecure = wish.insecure || is_true(attrs, "registry.insecure");
  kept = kept || !push;
}

Status read_output(const json::value& output, Wish& wish, size_t& files, bool& kept) {
  const std::string_view type = text_of(output, "type");
  const std::string dest(text_of(output, "dest"));
  static const json::value kNone = json::object();
  const auto* given = field_of(output, "attrs");
  const json::value& attrs = given == nullptr ? kNone : *given;
  if (type == "image" || type == "registry") {
    read_image(type, attrs, wish, kept);
  } else if (type == "local" || type == "tar") {
    wish.places.push_back(
        {type == "local" ? Place::Kind::kFolder : Place::Kind::kTar, dest, files++});
  } else if (type == "oci") {
    const bool folder = text_of(attrs, "tar") == "false";
    wish.places.push_back({folder ? Place::Kind::kLayout : Place::Kind::kArchive, dest});
  } else if (type == "docker" && !dest.empty()) {
    wish.places.push_back({Place::Kind::kDocker, dest});
  } else if (type == "docker") {
    wish.load = true;
  }
  return {};
}

Status check(const Wish& wish, const json::value& plan) {
  if (wish.push && wish.tags.empty()) {
    return usage("--push needs a tag: there is no name to push to",
                 "add one, e.g. -t REGISTRY/NAME:TAG");
  }
  bool docker = wish.load;
  int stdouts = 0;
  for (const Place& place : wish.places) {
    docker = docker || place.kind == Place::Kind::kDocker;
    stdouts += place.to_stdout() ? 1 : 0;
    if (place.to_stdout() && place.kind == Place::Kind::kLayout) {
      return usage("a folder cannot go to stdout", "write one tar file: leave tar=false out");
    }
  }
  if (stdouts > 1) {
    return usage("two outputs want stdout", "give one of them a file with dest=");
  }
  if (docker && texts_of(plan, "platforms").size() > 1) {
    return usage("docker takes images of one platform only",
                 "build with one --platform, or write type=oci,dest=FILE");
  }
  return {};
}

}  // namespace

Result<Wish> read_wish(const json::value& plan) {
  Wish wish;
  KTL_TRY(read_tags(plan, wish.tags));
  wish.rules = oci::registry_rules(plan);
  if (const auto* context = field_of(plan, "context"); context != nullptr) {
    wish.context = text_of(*context, "dir");
  }
  bool kept = false;  // asked for in so many words
  const auto* all = field_of(plan, "options");
  const auto* options = all == nullptr ? nullptr : field_of(*all, kPluginId);
  if (options != nullptr) {
    KTL_TRY(read_flags(*options, wish, kept));
  }
  const auto* outputs = field_of(plan, "outputs");
  const bool listed = outputs != nullptr && outputs->is_array() && !outputs->as_array().empty();
  size_t files = 0;
  for (const auto& output : listed ? outputs->as_array() : json::array()) {
    KTL_TRY(read_output(output, wish, files, kept));
  }
  KTL_TRY(check(wish, plan));
  const bool elsewhere = wish.push || wish.load || listed || !wish.places.empty();
  wish.keep = kept || (!wish.tags.empty() && !elsewhere);
  return wish;
}

}  // namespace ktl::export_oci
