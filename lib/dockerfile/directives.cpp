#include "dockerfile/directives.h"

#include <algorithm>

#include "base/json.h"
#include "dockerfile/text.h"

namespace ktl::dockerfile {
namespace {

constexpr std::string_view kBlank = "\t\n\f\r ";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_byte(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

// `text` without blanks around it; of nothing but blanks the last one is the value.
std::string_view strip_value(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) {
    return text.substr(text.size() - std::min<size_t>(text.size(), 1));
  }
  return text.substr(first, text.find_last_not_of(kBlank) + 1 - first);
}

// `name = value` behind the comment sign.
std::optional<Directive> split_directive(std::string_view text) {
  const auto name_end = std::ranges::find_if_not(text, is_name_byte);
  const auto name_size = static_cast<size_t>(name_end - text.begin());
  if (name_size == 0 || !is_letter(text[0])) {
    return std::nullopt;
  }
  const size_t equals = std::min(text.find_first_not_of(kBlank, name_size), text.size());
  if (!text.substr(equals).starts_with('=') || equals + 1 == text.size()) {
    return std::nullopt;
  }
  return Directive{.name = to_lower(text.substr(0, name_size)),
                   .value = std::string(strip_value(text.substr(equals + 1)))};
}

bool is_known(std::string_view name) {
  return name == "syntax" || name == "check" || name == "escape";
}

// Calls `visit` with each line, without its end, until it returns false.
template <class Visit>
void for_each_line(std::string_view text, Visit visit) {
  for (int number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    if (!visit(line, number)) {
      return;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::optional<Directive> syntax_in_comments(std::string_view text, std::string_view comment,
                                            int lines_before) {
  DirectiveReader reader(comment);
  std::optional<Directive> found;
  for_each_line(text, [&](std::string_view line, int number) {
    auto directive = reader.read(line, lines_before + number);
    if (!directive.ok() || reader.done()) {
      return false;
    }
    if ((*directive)->name == "syntax") {
      found = **std::move(directive);
    }
    return true;
  });
  if (found.has_value()) {
    found->value.resize(std::min(found->value.find(' '), found->value.size()));
  }
  return found;
}

std::optional<Directive> syntax_in_json(std::string_view text) {
  const auto document = parse_json(valid_utf8(text));
  if (!document.ok() || !document->is_object()) {
    return std::nullopt;
  }
  const json::value* value = field_of(*document, "syntax");
  if (value == nullptr || !value->is_string()) {
    return std::nullopt;
  }
  return Directive{.name = "syntax", .value = std::string(text_of(*document, "syntax"))};
}

}  // namespace

Result<std::optional<Directive>> DirectiveReader::read(std::string_view line, int number) {
  std::optional<Directive> directive;
  if (!done_ && line.starts_with(comment_)) {
    directive = split_directive(trim_left(line.substr(comment_.size())));
  }
  if (!directive.has_value() || !is_known(directive->name)) {
    done_ = true;
    return std::optional<Directive>();
  }
  if (!seen_.insert(directive->name).second) {
    return Status(Code::kInvalidArgument, "the directive " + directive->name + " is given twice")
        .advise("keep one of them");
  }
  directive->line = number;
  return directive;
}

std::string_view without_bom(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  text.remove_prefix(text.starts_with(kMark) ? kMark.size() : 0);
  return text;
}

std::optional<Directive> detect_syntax(std::string_view text) {
  text = without_bom(text);
  int lines_before = 0;
  if (text.starts_with("#!")) {
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    lines_before = 1;
  }
  for (const std::string_view comment : {"#", "//"}) {
    if (auto found = syntax_in_comments(text, comment, lines_before)) {
      return found;
    }
  }
  return syntax_in_json(text);
}

}  // namespace ktl::dockerfile
