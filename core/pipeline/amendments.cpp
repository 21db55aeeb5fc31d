#include "core/pipeline/amendments.h"

#include <algorithm>

#include "core/document/fields.h"
#include "core/pipeline/exclude.h"
#include "oci/reference.h"

namespace ktl {
namespace {

constexpr size_t kMaxLabel = 255;

Status impossible(const std::string& plugin, const std::string& what) {
  return {Code::kInvalidArgument, plugin + " " + what};
}

Status contradiction(const std::string& what, const std::string& one, const std::string& other) {
  return Status(Code::kInvalidArgument, one + " and " + other + " want different things: " + what)
      .advise("switch one of them off, or configure them alike");
}

// One image may be written in many ways: "alpine" and "docker.io/library/alpine:latest".
std::string spelling(const PlanSource& source) {
  auto image = oci::parse_reference(source.ref);
  if ((source.kind != "image" && source.kind != "frontend") || !image.ok()) {
    return source.ref;
  }
  image->tag = image->tag.empty() && image->digest.empty() ? "latest" : image->tag;
  return image->str();
}

// The digest that the source has already, as it is written.
std::string written_digest(const PlanSource& source) {
  const auto image = oci::parse_reference(source.ref);
  return image.ok() && source.kind != "http" ? image->digest : "";
}

// Why the builder could not be held to a digest of it; empty: it can.
std::string unpinnable(const PlanSource& source) {
  if (source.kind == "git") {
    return "a git repository is pinned by a commit in its URL, not by a digest";
  }
  return source.ref.find('$') == std::string::npos
             ? ""
             : "which source it is will only be known when the builder has filled in the variable";
}

}  // namespace

Status Amendments::take(const std::string& plugin, const json::value& document) {
  KTL_TRY(take_exclude(plugin, document));
  for (const auto& [key, value] : text_map_of(document, "labels")) {
    KTL_TRY(take_label(plugin, key, value));
  }
  for (const json::value& pin : array_of(document, "pins")) {
    KTL_TRY(
        take_pin(plugin, std::string(text_of(pin, "ref")), std::string(text_of(pin, "digest"))));
  }
  return {};
}

Status Amendments::take_exclude(const std::string& plugin, const json::value& document) {
  std::string list;
  for (const std::string& path : texts_of(document, "exclude")) {
    if (plan_.context_kind != "folder") {
      return impossible(plugin, "leaves " + path + " out of a context that is no folder: the " +
                                    "builder takes it as a whole");
    }
    if (Status status = add_exclude(plan_.exclude, path); !status.ok()) {
      return {Code::kInternal, plugin + " leaves something out: " + status.message()};
    }
    list += (list.empty() ? "" : ", ") + path;
  }
  if (!list.empty()) {
    notes_.push_back("not sent, since " + plugin + " leaves it out: " + list);
  }
  return {};
}

Status Amendments::take_label(const std::string& plugin, const std::string& key,
                              const std::string& value) {
  if (key.empty() || key.size() > kMaxLabel) {
    return {Code::kInternal, plugin + " adds a label whose name is empty or too long"};
  }
  if (auto user = given_.find(key); user != given_.end()) {
    if (user->second != value) {
      notes_.push_back("label " + key + " stays as it was given; " + plugin + " wanted \"" + value +
                       "\"");
    }
    return {};
  }
  auto [at, fresh] = labelled_.emplace(key, plugin);
  if (!fresh && plan_.labels[key] != value) {
    return contradiction(
        "label " + key + " is to be \"" + plan_.labels[key] + "\" and \"" + value + "\"",
        at->second, plugin);
  }
  plan_.labels[key] = value;
  return {};
}

Status Amendments::take_pin(const std::string& plugin, const std::string& ref,
                            const std::string& digest) {
  const auto source = std::ranges::find(plan_.sources, ref, &PlanSource::ref);
  if (source == plan_.sources.end()) {
    return impossible(plugin, "pins " + ref + ", which is no source of this build");
  }
  if (const std::string why = unpinnable(*source); !why.empty()) {
    return impossible(plugin, "pins " + ref + ": " + why);
  }
  if (const std::string written = written_digest(*source); !written.empty()) {
    return written == digest ? Status()
                             : impossible(plugin, "pins " + ref + " to another digest, " + digest);
  }
  auto [at, fresh] = pinned_.emplace(spelling(*source), Pin{digest, plugin});
  if (!fresh && at->second.digest != digest) {
    return contradiction(ref + " is pinned to " + at->second.digest + " and to " + digest,
                         at->second.plugin, plugin);
  }
  plan_.pins[ref] = digest;
  return {};
}

}  // namespace ktl
