#include "dockerfile/parser.h"

#include <algorithm>
#include <utility>

#include "dockerfile/text.h"

namespace ktl::dockerfile {
namespace {

Status too_much(std::string message) {
  return Status(Code::kResourceExhausted, std::move(message));
}

std::string_view without_line_end(std::string_view line) {
  return line.substr(0, line.find_last_not_of("\r\n") + 1);
}

bool is_comment(std::string_view line) { return trim_left(line).starts_with('#'); }

// True when the line goes on; the escape at its end and the blanks behind it are cut off then. An
// escape before the escape makes it ordinary.
bool cut_continuation(std::string_view& line, char escape) {
  const std::string_view body = line.substr(0, line.find_last_not_of(" \t") + 1);
  if (!body.ends_with(escape) || (body.size() > 1 && body[body.size() - 2] == escape)) {
    return false;
  }
  line = body.substr(0, body.size() - 1);
  return true;
}

class Parser {
 public:
  Parser(std::string_view text, std::string name, const ParserLimits& limits)
      : text_(text), rest_(without_bom(text)), limits_(limits) {
    file_.name = std::move(name);
  }

  Result<Dockerfile> run() {
    if (rest_.size() > limits_.bytes) {
      return too_much("the file is over " + std::to_string(limits_.bytes) + " bytes")
          .at(file_.name)
          .advise("is this the right file?");
    }
    while (!rest_.empty()) {
      start_line_ = line_ + 1;
      Status status = read_statement();
      if (!status.ok()) {
        return std::move(status).at(file_.name + ":" + std::to_string(start_line_));
      }
    }
    if (file_.instructions.empty()) {
      return Status(Code::kInvalidArgument, "the file has no instructions")
          .at(file_.name)
          .advise("start with FROM");
    }
    file_.syntax = detect_syntax(text_);
    return std::move(file_);
  }

 private:
  // The next line with its end.
  Result<std::string_view> next_line() {
    const size_t end = rest_.find('\n');
    const std::string_view line = rest_.substr(0, end == std::string_view::npos ? end : end + 1);
    ++line_;
    if (std::min(end, line.size()) > limits_.line_bytes) {
      return too_much("line " + std::to_string(line_) + " is over " +
                      std::to_string(limits_.line_bytes) + " bytes");
    }
    rest_.remove_prefix(line.size());
    return line;
  }

  // A comment, a directive, an empty line or an instruction with all that belongs to it.
  Status read_statement() {
    KTL_ASSIGN(const auto raw, next_line());
    std::string_view line = trim_left(without_line_end(raw));
    KTL_TRY(read_directive(line));
    if (is_comment(line)) {
      return {};
    }
    bool goes_on = cut_continuation(line, file_.escape);
    if (!goes_on && line.empty()) {
      return {};
    }
    std::string joined(line);
    KTL_TRY(read_continuations(goes_on, joined));
    return add_instruction(joined);
  }

  Status read_directive(std::string_view line) {
    KTL_ASSIGN(auto directive, directives_.read(line, line_));
    if (!directive.has_value()) {
      return {};
    }
    if (directive->name == "escape") {
      if (directive->value != "\\" && directive->value != "`") {
        return Status(Code::kInvalidArgument, "the escape character cannot be " + directive->value)
            .advise("it is \\ or `");
      }
      file_.escape = directive->value[0];
    }
    file_.directives.push_back(*std::move(directive));
    return {};
  }

  // Comments and empty lines between continuation lines are skipped.
  Status read_continuations(bool goes_on, std::string& joined) {
    while (goes_on && !rest_.empty()) {
      KTL_ASSIGN(const auto raw, next_line());
      std::string_view line = without_line_end(raw);
      if (is_comment(line) || trim_left(line).empty()) {
        continue;
      }
      goes_on = cut_continuation(line, file_.escape);
      joined += line;
    }
    return {};
  }

  Status add_instruction(const std::string& joined) {
    if (file_.instructions.size() == limits_.instructions) {
      return too_much("more than " + std::to_string(limits_.instructions) + " instructions");
    }
    KTL_ASSIGN(auto instruction, parse_instruction(joined, file_.escape));
    if (may_have_heredocs(instruction) && joined.find("<<") != std::string::npos) {
      KTL_TRY(read_heredocs(joined, instruction));
    }
    instruction.start_line = start_line_;
    instruction.end_line = line_;
    for (Instruction& trigger : instruction.trigger) {
      trigger.start_line = start_line_;
      trigger.end_line = line_;
    }
    file_.instructions.push_back(std::move(instruction));
    return {};
  }

  Status read_heredocs(const std::string& joined, Instruction& instruction) {
    KTL_ASSIGN(instruction.heredocs, heredocs_of(joined));
    heredocs_ += instruction.heredocs.size();
    if (heredocs_ > limits_.heredocs) {
      return too_much("more than " + std::to_string(limits_.heredocs) + " here-documents");
    }
    for (Heredoc& heredoc : instruction.heredocs) {
      KTL_TRY(read_content(heredoc));
    }
    return {};
  }

  Status read_content(Heredoc& heredoc) {
    while (!rest_.empty()) {
      KTL_ASSIGN(const auto raw, next_line());
      std::string_view line = without_line_end(raw);
      if (heredoc.chomp) {
        line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
      }
      if (line == heredoc.name) {
        return {};
      }
      heredoc.content += raw;
    }
    return Status(Code::kInvalidArgument, "the here-document " + heredoc.name + " has no end")
        .advise("put " + heredoc.name + " on a line of its own behind it");
  }

  std::string_view text_;
  std::string_view rest_;
  const ParserLimits& limits_;
  Dockerfile file_;
  DirectiveReader directives_;
  int line_ = 0;        // of the line read last
  int start_line_ = 0;  // of the statement under way
  size_t heredocs_ = 0;
};

}  // namespace

Result<Dockerfile> parse(std::string_view text, std::string name, const ParserLimits& limits) {
  return Parser(text, std::move(name), limits).run();
}

}  // namespace ktl::dockerfile
