// A Dockerfile as a list of instructions with their places in the text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "dockerfile/directives.h"
#include "dockerfile/instruction.h"

namespace ktl::dockerfile {

// A value. `name` is what errors call the file: "Dockerfile", "build/api.Dockerfile".
struct Dockerfile {
  std::string name;
  char escape = '\\';  // or a backtick
  std::vector<Directive> directives;
  std::optional<Directive> syntax;        // as detect_syntax() finds it
  std::vector<Instruction> instructions;  // at least one
};

// What a Dockerfile may be at most; more is kResourceExhausted.
struct ParserLimits {
  size_t bytes = 1U << 20U;
  size_t line_bytes = 65535;  // BuildKit reads no longer ones
  size_t instructions = 10'000;
  size_t heredocs = 1'000;  // in the whole file
};

// Parses the text as BuildKit's frontend v0.34 does (frontend/dockerfile/parser): continuation
// lines, comments and empty lines inside them, here-documents, parser directives, a UTF-8 byte
// order mark, line ends of either kind. Keywords are not checked: see stages.h.
//
// Errors name the line the instruction starts at ("Dockerfile:12").
Result<Dockerfile> parse(std::string_view text, std::string name = "Dockerfile",
                         const ParserLimits& limits = {});

}  // namespace ktl::dockerfile
