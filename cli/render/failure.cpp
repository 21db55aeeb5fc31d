#include "cli/render/failure.h"

#include <fmt/format.h>

#include <algorithm>

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

// The lines of the Dockerfile around the failure; those to blame are marked.
void source_lines(const json::object& source, std::string& out) {
  const json::array* lines = list_in(source, "lines");
  int64_t start = int_in(source, "start_line");
  int64_t end = int_in(source, "end_line");
  int64_t number = int_in(source, "first_line");
  number = number == 0 ? start : number;
  size_t count = lines == nullptr ? 0 : std::min(lines->size(), kMostLines);
  size_t width = std::to_string(number + static_cast<int64_t>(count)).size();
  for (size_t i = 0; i < count; ++i, ++number) {
    const json::string* line = (*lines)[i].if_string();
    bool marked = number >= start && number <= end;
    out += fmt::format("    {} {:>{}} | {}\n", marked ? ">" : " ", number, width,
                       line == nullptr ? "" : one_line(*line));
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

// What an exit code means by convention (POSIX, Shell Command Language, 2.8.2).
std::string_view advice_on(int64_t exit_code) {
  switch (exit_code) {
    case 126:
      return "a file that the step runs is not executable, or not for this platform";
    case 127:
      return "a program that the step runs is not in the image: install it in an earlier step";
    case 137:
      return "the step was killed, as happens when memory runs out: give the builder more, or let "
             "the step do less at once";
    case 139:
      return "a program of the step crashed (segmentation fault)";
    default:
      return "";
  }
}

std::string whole_log(const json::object& error, const std::vector<std::string>& log) {
  std::string out = "log of " + one_line(text_in(error, "step")) + "\n";
  for (const std::string& line : log) {
    out += "    " + line + "\n";
  }
  return out;
}

// What a step said and where it stands in the Dockerfile.
void step_lines(const json::object& error, bool with_log, std::string& out) {
  item("step", text_in(error, "step"), out);
  const json::object* source = object_in(error, "source");
  if (source != nullptr && !text_in(*source, "file").empty()) {
    item("location", location(*source), out);
    source_lines(*source, out);
  }
  if (with_log) {
    log_lines(error, out);
  }
}

}  // namespace

std::string failure_text(const json::object& failed, const std::vector<std::string>& log) {
  const json::object* error = object_in(failed, "error");
  std::string out = error == nullptr || log.empty() ? "" : whole_log(*error, log);
  out += "Error: " + one_line(text_in(failed, "message")) + "\n";
  if (error == nullptr) {  // a step's failure is not the plugin's that ran it
    item("plugin", text_in(failed, "plugin"), out);
  }
  const json::object* source = error == nullptr ? nullptr : object_in(*error, "source");
  if (source == nullptr || text_in(failed, "where") != location(*source)) {
    item(source == nullptr ? "location" : "where", text_in(failed, "where"), out);
  }
  std::string_view next = text_in(failed, "next");
  if (error != nullptr) {
    step_lines(*error, log.empty(), out);
    next = next.empty() ? text_in(*error, "next") : next;
    next = next.empty() ? advice_on(int_in(*error, "exit_code")) : next;
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
