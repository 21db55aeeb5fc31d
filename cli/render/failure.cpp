#include "cli/render/failure.h"

#include <fmt/format.h>

#include "cli/render/body.h"
#include "cli/render/sanitize.h"

namespace ktl::cli {
namespace {

constexpr size_t kMostLines = 50;

// "- name: text", nothing for an empty text.
void item(std::string_view name, std::string_view text, std::string& out) {
  std::string line = one_line(text);
  bool command_line = name == "location" && line == "flag";  // the origin of a value: no place
  if (!line.empty() && !command_line) {
    out += fmt::format("- {}: {}\n", name, line);
  }
}

const json::array* list_in(const json::object& body, std::string_view key) {
  const json::value* value = body.if_contains(key);
  return value == nullptr ? nullptr : value->if_array();
}

std::string location(const json::object& source) {
  return fmt::format("{}:{}", text_in(source, "file"), int_in(source, "start_line"));
}

void source_lines(const json::object& source, std::string& out) {
  const json::array* lines = list_in(source, "lines");
  int64_t number = int_in(source, "start_line");
  for (size_t i = 0; lines != nullptr && i < lines->size() && i < kMostLines; ++i) {
    const json::string* line = (*lines)[i].if_string();
    std::string text = line == nullptr ? "" : one_line(*line);
    out += fmt::format("    > {} | {}\n", number + static_cast<int64_t>(i), text);
  }
}

void log_lines(const json::object& error, std::string& out) {
  const json::array* lines = list_in(error, "log_tail");
  if (lines == nullptr || lines->empty()) {
    return;
  }
  out += "- log:\n";
  size_t first = lines->size() > kMostLines ? lines->size() - kMostLines : 0;
  for (size_t i = first; i < lines->size(); ++i) {
    const json::string* line = (*lines)[i].if_string();
    out += "    " + (line == nullptr ? "" : one_line(*line)) + "\n";
  }
}

// What a step said and where it stands in the Dockerfile.
void step_lines(const json::object& error, std::string& out) {
  item("step", text_in(error, "step"), out);
  const json::object* source = object_in(error, "source");
  if (source != nullptr && !text_in(*source, "file").empty()) {
    item("location", location(*source), out);
    source_lines(*source, out);
  }
  log_lines(error, out);
}

}  // namespace

std::string failure_text(const json::object& failed) {
  std::string out = "Error: " + one_line(text_in(failed, "message")) + "\n";
  const json::object* error = object_in(failed, "error");
  if (error == nullptr) {  // a step's failure is not the plugin's that ran it
    item("plugin", text_in(failed, "plugin"), out);
  }
  const json::object* source = error == nullptr ? nullptr : object_in(*error, "source");
  if (source == nullptr || text_in(failed, "where") != location(*source)) {
    item(source == nullptr ? "location" : "where", text_in(failed, "where"), out);
  }
  std::string_view next = text_in(failed, "next");
  if (error != nullptr) {
    step_lines(*error, out);
    next = next.empty() ? text_in(*error, "next") : next;
  }
  item("next", next, out);
  return out;
}

std::string failure_text(const Status& status) {
  std::string out = "Error: " + one_line(status.message()) + "\n";
  item("location", status.where(), out);
  item("next", status.next(), out);
  return out;
}

}  // namespace ktl::cli
