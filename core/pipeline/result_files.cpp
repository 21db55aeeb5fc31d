#include "core/pipeline/result_files.h"

#include <filesystem>

#include "base/base64.h"
#include "base/fd.h"
#include "core/document/fields.h"
#include "core/pipeline/gate.h"

namespace ktl {
namespace {

// The daemon sends documents as base64 of JSON; buildx shows them as JSON, and so do we.
json::value unpacked(const json::value& value) {
  const auto* text = value.if_string();
  auto bytes = text == nullptr ? Result<std::string>(Status(Code::kNotFound, "no text"))
                               : base64_decode(*text);
  if (bytes.ok()) {
    auto document = parse_json(*bytes);
    if (document.ok() && document->is_object()) {
      return *document;
    }
  }
  return value;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string list;
  for (const auto& text : texts) {
    list += (list.empty() ? "" : ",") + text;
  }
  return list;
}

Status write_one(Build& build, const std::string& path, const std::string& bytes) {
  if (path.empty()) {
    return {};
  }
  if (Status status = write_file_atomic(path, bytes); !status.ok()) {
    return std::move(status).at(path);
  }
  build.cleanup.push("remove " + path, [&build, path] {
    std::error_code error;
    if (!build.exported) {
      std::filesystem::remove(path, error);
    }
    return error ? errno_status("remove", error.value()) : Status();
  });
  return {};
}

}  // namespace

std::string image_id(const json::object& solved) {
  const json::array images = array_of(solved, "images");
  if (images.size() == 1) {
    const json::object config = object_of(images[0], "config");
    return std::string(text_of(config, "digest"));
  }
  return root_digest(solved);
}

json::object metadata_of(const Build& build) {
  json::object metadata;
  for (const auto& member : object_of(build.solved, "metadata")) {
    metadata.emplace(member.key(), unpacked(member.value()));
  }
  if (std::string digest = root_digest(build.solved); !digest.empty()) {
    metadata["containerimage.digest"] = digest;
    metadata["containerimage.descriptor"] = object_of(build.solved, "root");
    if (array_of(build.solved, "images").size() == 1) {
      metadata["containerimage.config.digest"] = image_id(build.solved);
    }
  }
  if (!build.plan.tags.empty()) {
    metadata["image.name"] = joined(build.plan.tags);
  }
  metadata["ktl.record"] = build.record_file().string();
  return metadata;
}

Status write_result_files(Build& build) {
  const Request& request = build.request();
  KTL_TRY(write_one(build, request.iidfile, image_id(build.solved)));
  const json::object metadata = build.setup().bus.redactor().clean(metadata_of(build));
  return write_one(build, request.metadata_file, pretty_json(metadata));
}

}  // namespace ktl
