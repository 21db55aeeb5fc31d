// Here-documents: `RUN <<EOF`, `COPY <<-"a.txt" <<b.txt /dest/`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace ktl::dockerfile {

struct Heredoc {
  std::string name;         // the line that ends it; also a file's name in COPY and ADD
  std::string content;      // as it stands in the file, line ends and leading tabs included
  bool expand = true;       // false when a part of the name was quoted: variables stay as they are
  bool chomp = false;       // <<-: leading tabs of each line are to be dropped
  uint64_t descriptor = 0;  // 3<<EOF

  bool operator==(const Heredoc&) const = default;
};

// The here-document that one word opens, without content; nothing when it opens none.
Result<std::optional<Heredoc>> parse_heredoc(std::string_view word);

// Those that an instruction opens, in the order in which their contents follow.
Result<std::vector<Heredoc>> heredocs_of(std::string_view line);

}  // namespace ktl::dockerfile
