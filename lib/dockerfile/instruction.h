// One instruction of a Dockerfile, taken apart but not yet judged.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "dockerfile/heredoc.h"
#include "dockerfile/words.h"

namespace ktl::dockerfile {

// `name=value` of ENV and LABEL, quotes and variables untouched.
struct Assignment {
  std::string name;
  std::string value;
  bool legacy = false;  // written `ENV name value`

  bool operator==(const Assignment&) const = default;
};

// A value; nothing in it is expanded or checked against what the keyword allows.
struct Instruction {
  std::string keyword;   // upper case; may be one that no frontend knows
  std::string original;  // the text with its continuation lines joined, without here-documents
  std::vector<Flag> flags;
  // FROM, EXPOSE, COPY, ADD, VOLUME: words. ARG: `NAME` or `NAME=value`. RUN, CMD, ENTRYPOINT,
  // SHELL and the rest: one text, or the elements of the JSON form. HEALTHCHECK: its kind first.
  // Empty for ENV, LABEL (see assignments), ONBUILD (see trigger) and unknown keywords.
  std::vector<std::string> arguments;
  bool json = false;
  std::vector<Assignment> assignments;
  std::vector<Instruction> trigger;  // of ONBUILD: none or one
  std::vector<Heredoc> heredocs;     // of ONBUILD: those of its trigger
  int start_line = 0;                // from 1
  int end_line = 0;                  // here-documents included
};

// The keywords of BuildKit's Dockerfile frontend v0.34, sorted.
const std::vector<std::string>& known_keywords();

// Takes one joined line apart. Lines and here-documents are the caller's to fill in. Errors:
// kInvalidArgument for ENV or LABEL without a value, JSON that holds other things than strings,
// and ONBUILD inside ONBUILD.
Result<Instruction> parse_instruction(std::string_view line, char escape);

// True for RUN, COPY and ADD, not in JSON form, plain or behind ONBUILD.
bool may_have_heredocs(const Instruction& instruction);

// The values of all flags of that name, in order; a flag without value gives "".
std::vector<std::string_view> flag_values(const Instruction& instruction, std::string_view name);

}  // namespace ktl::dockerfile
