#include "dockerfile/instruction.h"

#include <algorithm>
#include <array>

#include "dockerfile/json_array.h"
#include "dockerfile/text.h"

namespace ktl::dockerfile {
namespace {

using ReadArguments = Status (*)(std::string_view text, char escape, Instruction& out);

Result<Instruction> parse_line(std::string_view line, char escape, bool inside_onbuild);

// False: not in JSON form.
Result<bool> read_json(std::string_view text, Instruction& out) {
  KTL_ASSIGN(auto elements, parse_json_array(text));
  if (!elements.has_value()) {
    return false;
  }
  out.json = true;
  out.arguments.insert(out.arguments.end(), elements->begin(), elements->end());
  return true;
}

Status read_text(std::string_view text, char /*escape*/, Instruction& out) {
  if (!text.empty()) {
    out.arguments.emplace_back(text);
  }
  return {};
}

Status read_list(std::string_view text, char /*escape*/, Instruction& out) {
  if (!text.empty()) {
    const auto pieces = split_blank(text);
    out.arguments.assign(pieces.begin(), pieces.end());
  }
  return {};
}

Status read_words(std::string_view text, char escape, Instruction& out) {
  out.arguments = split_words(text, escape);
  return {};
}

Status read_json_or_text(std::string_view text, char escape, Instruction& out) {
  KTL_ASSIGN(const bool json, read_json(text, out));
  return json ? Status() : read_text(text, escape, out);
}

Status read_json_or_list(std::string_view text, char escape, Instruction& out) {
  KTL_ASSIGN(const bool json, read_json(text, out));
  return json ? Status() : read_list(text, escape, out);
}

Status no_value(const Instruction& out, std::string_view what) {
  return Status(Code::kInvalidArgument, out.keyword + " " + std::string(what) + " has no value")
      .advise("write " + out.keyword + " name=value");
}

Status read_assignments(std::string_view text, char escape, Instruction& out) {
  const auto words = split_words(text, escape);
  if (words.empty()) {
    return {};
  }
  if (words[0].find('=') == std::string::npos) {
    const auto pair = split_blank(text, 2);
    if (pair.size() < 2) {
      return no_value(out, text);
    }
    out.assignments.push_back(
        {.name = std::string(pair[0]), .value = std::string(pair[1]), .legacy = true});
    return {};
  }
  for (const std::string& word : words) {
    const size_t equals = word.find('=');
    if (equals == std::string::npos) {
      return no_value(out, word);
    }
    out.assignments.push_back({.name = word.substr(0, equals), .value = word.substr(equals + 1)});
  }
  return {};
}

Status read_healthcheck(std::string_view text, char escape, Instruction& out) {
  const auto is_blank = [](char c) { return is_space(static_cast<unsigned char>(c)); };
  const auto kind_end = std::ranges::find_if(text, is_blank);
  const auto rest = std::find_if_not(kind_end, text.end(), is_blank);
  if (kind_end == text.begin()) {
    return {};
  }
  out.arguments.emplace_back(text.begin(), kind_end);
  return read_json_or_text(std::string_view(rest, text.end()), escape, out);
}

Status read_trigger(std::string_view text, char escape, Instruction& out) {
  if (text.empty()) {
    return {};
  }
  KTL_ASSIGN(auto trigger, parse_line(text, escape, true));
  out.trigger.push_back(std::move(trigger));
  return {};
}

Status read_nothing(std::string_view /*text*/, char /*escape*/, Instruction& /*out*/) { return {}; }

struct Form {
  std::string_view keyword;
  ReadArguments read;
};

constexpr std::array kForms = {
    Form{"ADD", read_json_or_list},
    Form{"ARG", read_words},
    Form{"CMD", read_json_or_text},
    Form{"COPY", read_json_or_list},
    Form{"ENTRYPOINT", read_json_or_text},
    Form{"ENV", read_assignments},
    Form{"EXPOSE", read_list},
    Form{"FROM", read_list},
    Form{"HEALTHCHECK", read_healthcheck},
    Form{"LABEL", read_assignments},
    Form{"MAINTAINER", read_text},
    Form{"ONBUILD", read_trigger},
    Form{"RUN", read_json_or_text},
    Form{"SHELL", read_json_or_text},
    Form{"STOPSIGNAL", read_text},
    Form{"USER", read_text},
    Form{"VOLUME", read_json_or_list},
    Form{"WORKDIR", read_text},
};

ReadArguments form_of(std::string_view keyword) {
  const auto* found = std::ranges::find(kForms, keyword, &Form::keyword);
  return found == kForms.end() ? read_nothing : found->read;
}

Result<Instruction> parse_line(std::string_view line, char escape, bool inside_onbuild) {
  Instruction out;
  out.original = line;
  const auto parts = split_blank(trim(line), 2);
  out.keyword = to_upper(parts[0]);
  if (inside_onbuild && out.keyword == "ONBUILD") {
    return Status(Code::kInvalidArgument, "ONBUILD may not trigger another ONBUILD");
  }
  std::string_view rest = parts.size() == 2 ? parts[1] : std::string_view();
  out.flags = take_flags(rest, escape);
  KTL_TRY(form_of(out.keyword)(trim(rest), escape, out));
  return out;
}

}  // namespace

const std::vector<std::string>& known_keywords() {
  static const std::vector<std::string> kKeywords = [] {
    std::vector<std::string> keywords;
    for (const Form& form : kForms) {
      keywords.emplace_back(form.keyword);
    }
    return keywords;
  }();
  return kKeywords;
}

Result<Instruction> parse_instruction(std::string_view line, char escape) {
  return parse_line(line, escape, false);
}

bool may_have_heredocs(const Instruction& instruction) {
  const bool onbuild = instruction.keyword == "ONBUILD" && !instruction.trigger.empty();
  const Instruction& inner = onbuild ? instruction.trigger[0] : instruction;
  return !inner.json &&
         (inner.keyword == "RUN" || inner.keyword == "COPY" || inner.keyword == "ADD");
}

std::vector<std::string_view> flag_values(const Instruction& instruction, std::string_view name) {
  std::vector<std::string_view> values;
  for (const Flag& flag : instruction.flags) {
    if (flag.name == name) {
      values.emplace_back(flag.value);
    }
  }
  return values;
}

}  // namespace ktl::dockerfile
