#include "cli/render/answer.h"

#include <fmt/format.h>

#include "cli/render/sanitize.h"
#include "core/document/fields.h"
#include "core/pipeline/exit_code.h"

namespace ktl::cli {
namespace {

// Empty when the answer has none, or none that can be read.
json::object document_of(const json::object& metadata) {
  const auto document = parse_json(text_of(metadata, "result.json"));
  return document.ok() && document->is_object() ? document->as_object() : json::object();
}

std::string lint_head(size_t warnings) {
  if (warnings == 0) {
    return {};
  }
  return warnings == 1 ? "Check complete, 1 warning has been found!\n"
                       : fmt::format("Check complete, {} warnings have been found!\n", warnings);
}

std::string lint_text(const json::object& metadata) {
  const json::object document = document_of(metadata);
  const size_t warnings = array_of(document, "warnings").size();
  if (warnings == 0 && !document.contains("buildError")) {
    return "Check complete, no warnings found.\n";
  }
  return lint_head(warnings) + sanitize(text_of(metadata, "result.txt"), false);
}

// "Dockerfile:3", as far as the answer tells.
std::string place_of(const json::object& document, const json::object& error) {
  const json::object location = object_of(error, "location");
  const json::array sources = array_of(document, "sources");
  const auto index = static_cast<size_t>(int_of(location, "sourceIndex"));
  std::string place =
      index < sources.size() ? std::string(text_of(sources[index], "filename")) : "Dockerfile";
  if (const json::array ranges = array_of(location, "ranges"); !ranges.empty()) {
    place += ":" + std::to_string(int_of(object_of(ranges[0], "start"), "line"));
  }
  return place;
}

}  // namespace

std::string answer_text(const Call& call, const json::object& metadata) {
  if (call.json) {
    return sanitize(text_of(metadata, "result.json"), false) + "\n";
  }
  return call.method == "lint" ? lint_text(metadata)
                               : sanitize(text_of(metadata, "result.txt"), false);
}

Status fault_in_answer(const Call& call, const json::object& metadata) {
  const json::object document = call.method == "lint" ? document_of(metadata) : json::object();
  const json::object error = object_of(document, "buildError");
  if (error.empty() || call.json) {
    return {};
  }
  return Status(Code::kInvalidArgument, std::string(text_of(error, "message")))
      .at(place_of(document, error));
}

int answer_exit(const Call& call, const json::object& metadata) {
  const std::string status(text_of(metadata, "result.statuscode", "0"));
  return call.ignore_status || status == "0" ? kExitDone : kExitBuild;
}

}  // namespace ktl::cli
