#include "ledger/materials.h"

#include <functional>

#include "base/sha256.h"
#include "control/history.h"
#include "lock/pinned.h"

namespace ktl::solver {
namespace {

using Take = std::function<void(const json::value&)>;

// The predicates of those that are JSON.
void each_predicate(const std::vector<std::string>& provenance, const Take& take) {
  for (const std::string& text : provenance) {
    if (const auto document = parse_json(text, kMaxHistoryBlob); document.ok()) {
      const json::value* predicate = field_of(*document, "predicate");
      take(predicate == nullptr ? *document : *predicate);
    }
  }
}

void each_of(const json::value* list, const Take& take) {
  if (list != nullptr && list->is_array()) {
    for (const json::value& each : list->get_array()) {
      take(each);
    }
  }
}

const json::value* below(const json::value* value, std::string_view key) {
  return value == nullptr ? nullptr : field_of(*value, key);
}

void each_material(const std::vector<std::string>& provenance, const Take& take) {
  each_predicate(provenance, [&take](const json::value& predicate) {
    const json::value* build = field_of(predicate, "buildDefinition");
    each_of(build == nullptr ? field_of(predicate, "materials")
                             : field_of(*build, "resolvedDependencies"),
            take);
  });
}

std::string digest_in(const json::value& material, std::string_view algorithm) {
  const json::value* digest = field_of(material, "digest");
  return digest == nullptr ? std::string() : std::string(text_of(*digest, algorithm));
}

}  // namespace

std::map<std::string, std::string> materials_of(const std::vector<std::string>& provenance) {
  std::map<std::string, std::string> digests;
  each_material(provenance, [&digests](const json::value& each) {
    const std::string digest = "sha256:" + digest_in(each, "sha256");
    if (is_digest(digest)) {
      digests[std::string(text_of(each, "uri"))] = digest;
    }
  });
  return digests;
}

std::map<std::string, std::string> commits_of(const std::vector<std::string>& provenance) {
  std::map<std::string, std::string> commits;
  each_material(provenance, [&commits](const json::value& each) {
    const std::string commit = digest_in(each, "sha1");
    if (lock::is_commit(commit)) {
      commits[std::string(text_of(each, "uri"))] = commit;
    }
  });
  return commits;
}

std::map<std::pair<std::string, std::string>, std::string> incomplete_in(
    const std::vector<std::string>& provenance) {
  std::map<std::pair<std::string, std::string>, std::string> reasons;
  each_predicate(provenance, [&reasons](const json::value& predicate) {
    const json::value* details = below(field_of(predicate, "runDetails"), "metadata");
    details = below(below(below(details, "buildkit_metadata"), "network"), "proxy");
    each_of(below(details, "incomplete"), [&reasons](const json::value& each) {
      reasons[{std::string(text_of(each, "method")), std::string(text_of(each, "uri"))}] =
          text_of(each, "reason").substr(0, 255);
    });
  });
  return reasons;
}

}  // namespace ktl::solver
