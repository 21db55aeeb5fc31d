// Everything that running steps wrote, kept for the case that one of them fails.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ktl::cli {

// Bounded: of one step at most kMostKept bytes are kept, the last ones, and less when very many
// steps run at once. One thread at a time.
class StepLog {
 public:
  static constexpr size_t kMostKept = 1U << 20U;

  void add(std::string_view vertex, std::string_view text);
  void drop(std::string_view vertex);

  // The safe lines of one step, without colours; the first says how many bytes are missing, if any
  // are. Empty when it wrote nothing.
  [[nodiscard]] std::vector<std::string> lines_of(std::string_view vertex) const;

 private:
  struct Kept {
    std::string text;
    uint64_t dropped = 0;  // bytes before `text`
  };
  std::map<std::string, Kept, std::less<>> by_vertex_;
};

}  // namespace ktl::cli
