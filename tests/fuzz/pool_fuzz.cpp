// Indexes that the daemons of a pool have made: two, with a NUL between them.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "oci/manifest.h"
#include "pool.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t cut = text.find('\0');
  const std::string first(text.substr(0, cut));
  const std::string second(cut == std::string_view::npos ? "" : text.substr(cut + 1));
  const auto merged = ktl::solver::merge_indexes({first, second}, {"linux/amd64", "linux/arm64"});
  if (merged.ok() && !ktl::oci::parse_index(*merged).ok()) {
    __builtin_trap();
  }
  return 0;
}
