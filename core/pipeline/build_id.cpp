#include "core/pipeline/build_id.h"

#include <fmt/format.h>
#include <sys/random.h>

namespace ktl {

std::string new_build_id(const Clock& clock) {
  std::string time = rfc3339(clock.unix_ns());
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  uint32_t random = 0;
  [[maybe_unused]] ssize_t got = ::getrandom(&random, sizeof(random), 0);
  return time + fmt::format("-{:08x}", random);
}

}  // namespace ktl
