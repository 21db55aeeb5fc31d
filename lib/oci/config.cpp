#include "oci/config.h"

#include "base/json.h"
#include "base/sha256.h"
#include "oci/manifest.h"

namespace ktl::oci {
namespace {

Result<std::vector<std::string>> parse_diff_ids(const json::value& document) {
  std::vector<std::string> ids;
  const auto* rootfs = field_of(document, "rootfs");
  if (rootfs == nullptr) {
    return ids;
  }
  ids = texts_of(*rootfs, "diff_ids");
  if (ids.size() > kMaxChildren) {
    return Status(Code::kResourceExhausted, "rootfs.diff_ids has more than 4096 entries");
  }
  for (const auto& id : ids) {
    if (!is_digest(id)) {
      return Status(Code::kInvalidArgument, "rootfs.diff_ids holds something that is no digest");
    }
  }
  return ids;
}

Result<std::vector<History>> parse_history(const json::value& document) {
  std::vector<History> steps;
  const auto* field = field_of(document, "history");
  if (field == nullptr || !field->is_array()) {
    return steps;
  }
  if (field->get_array().size() > kMaxChildren) {
    return Status(Code::kResourceExhausted, "history has more than 4096 entries");
  }
  for (const auto& step : field->get_array()) {
    steps.push_back({std::string(text_of(step, "created")),
                     std::string(text_of(step, "created_by")),
                     std::string(text_of(step, "comment")), bool_of(step, "empty_layer")});
  }
  return steps;
}

}  // namespace

Result<ImageConfig> parse_config(std::string_view text) {
  KTL_ASSIGN(json::value document, parse_json(text, kMaxConfigBytes));
  if (!document.is_object()) {
    return Status(Code::kInvalidArgument, "the image config is not an object");
  }
  ImageConfig made;
  made.platform = {
      std::string(text_of(document, "os")), std::string(text_of(document, "architecture")),
      std::string(text_of(document, "variant")), std::string(text_of(document, "os.version"))};
  made.created = text_of(document, "created");
  KTL_ASSIGN(made.diff_ids, parse_diff_ids(document));
  KTL_ASSIGN(made.history, parse_history(document));
  if (const auto* run = field_of(document, "config"); run != nullptr) {
    made.env = texts_of(*run, "Env");
    made.entrypoint = texts_of(*run, "Entrypoint");
    made.cmd = texts_of(*run, "Cmd");
    made.user = text_of(*run, "User");
    made.working_dir = text_of(*run, "WorkingDir");
    KTL_ASSIGN(made.labels, parse_annotations(*run, "Labels"));
  }
  return made;
}

}  // namespace ktl::oci
