#include <algorithm>

#include "oci/descriptor.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "pool.h"

namespace ktl::solver {
namespace {

constexpr std::string_view kAttestation = "vnd.docker.reference.type";

std::string platform_of(const json::value& entry) {
  const json::value* platform = field_of(entry, "platform");
  const json::value* annotations = field_of(entry, "annotations");
  if (platform == nullptr ||
      (annotations != nullptr && !text_of(*annotations, kAttestation).empty())) {
    return {};
  }
  const std::string variant(text_of(*platform, "variant"));
  return std::string(text_of(*platform, "os")) + "/" +
         std::string(text_of(*platform, "architecture")) + (variant.empty() ? "" : "/" + variant);
}

// As Go's encoding/json writes it with an indent of two: no newline at the end, and what HTML would
// read is escaped. Outside of strings JSON has none of these characters.
std::string as_go(const json::value& value) {
  std::string text;
  for (char c : pretty_json(value)) {
    switch (c) {
      case '<':
        text += "\\u003c";
        break;
      case '>':
        text += "\\u003e";
        break;
      case '&':
        text += "\\u0026";
        break;
      default:
        text += c;
    }
  }
  text.erase(text.find_last_not_of('\n') + 1);
  return text;
}

}  // namespace

Result<std::string> merge_indexes(const std::vector<std::string>& indexes,
                                  const std::vector<std::string>& platforms) {
  std::vector<json::value> documents;
  std::vector<const json::value*> entries;
  for (const std::string& text : indexes) {
    KTL_TRY(oci::parse_index(text).status());
    KTL_ASSIGN(json::value document, parse_json(text));
    documents.push_back(std::move(document));
  }
  for (const json::value& document : documents) {
    for (const json::value& entry : document.at("manifests").as_array()) {
      entries.push_back(&entry);
    }
  }
  json::array merged;
  for (const std::string& platform : platforms) {
    auto is_it = [&](const json::value* entry) { return platform_of(*entry) == platform; };
    if (std::count_if(entries.begin(), entries.end(), is_it) != 1) {
      return Status(Code::kDataLoss,
                    "the builders of the pool did not make one image for " + platform);
    }
    auto found = std::find_if(entries.begin(), entries.end(), is_it);
    merged.push_back(**found);
    entries.erase(found);
  }
  for (const json::value* rest : entries) {
    merged.push_back(*rest);
  }
  json::value made = documents.front();
  made.as_object()["manifests"] = std::move(merged);
  return as_go(made);
}

}  // namespace ktl::solver
