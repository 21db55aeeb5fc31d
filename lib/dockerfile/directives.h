// Parser directives: the comments at the top that choose frontend, checks and escape character.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/status.h"

namespace ktl::dockerfile {

struct Directive {
  std::string name;   // "syntax", "check" or "escape"
  std::string value;  // without white space around it
  int line = 0;       // from 1; 0 when the text is JSON

  bool operator==(const Directive&) const = default;
};

// Reads directives line by line; the first line that is none ends them.
class DirectiveReader {
 public:
  explicit DirectiveReader(std::string_view comment = "#") : comment_(comment) {}

  // The directive on this line, nothing when it has none. The same directive twice is
  // kInvalidArgument.
  Result<std::optional<Directive>> read(std::string_view line, int number);
  [[nodiscard]] bool done() const { return done_; }

 private:
  std::string comment_;
  std::set<std::string, std::less<>> seen_;
  bool done_ = false;
};

// `text` without a UTF-8 byte order mark at its start.
std::string_view without_bom(std::string_view text);

// The frontend image a build file asks for, whatever language it is written in: `# syntax=image`,
// `// syntax=image`, or the key "syntax" of a JSON object; a first line `#!...` is skipped. The
// value is the image alone, without what follows it on the line.
std::optional<Directive> detect_syntax(std::string_view text);

}  // namespace ktl::dockerfile
