// A policy comes from a repository that nobody has read yet. What is accepted is written as a text
// that is accepted again and says the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "jail/machine.h"
#include "jail/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto policy = ktl::jail::parse_policy("policy.cfg", text); policy.ok()) {
    const std::string once = write_policy(*policy);
    auto again = ktl::jail::parse_policy("policy.cfg", once);
    if (!again.ok() || write_policy(*again) != once) {
      __builtin_trap();
    }
  }
  [[maybe_unused]] auto points = ktl::jail::mount_points_of(std::string(text));
  return 0;
}
