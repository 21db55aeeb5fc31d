// A ktl.lock lies in a repository that strangers write.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "lock/lock_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto lock = ktl::lock::parse_lock(text);
  if (!lock.ok()) {
    return 0;
  }
  const auto again = ktl::lock::parse_lock(to_text(*lock));
  if (!again.ok() || to_text(*again) != to_text(*lock)) {
    __builtin_trap();
  }
  return 0;
}
