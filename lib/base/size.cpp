#include "base/size.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "base/json.h"
#include "base/number.h"

namespace ktl {
namespace {

constexpr int64_t kMaxBytes = int64_t{1} << 50;

struct Unit {
  std::string_view name;
  int shift;
};
constexpr std::array<Unit, 5> kUnits = {{{"TB", 40}, {"GB", 30}, {"MB", 20}, {"KB", 10}, {"B", 0}}};

}  // namespace

Result<int64_t> bytes_of(const std::string& size) {
  for (const Unit& unit : kUnits) {
    if (size.ends_with(unit.name)) {
      const auto number = whole_number({size.data(), size.size() - unit.name.size()});
      if (number && *number > 0 && *number <= kMaxBytes >> unit.shift) {
        return *number << unit.shift;
      }
      break;
    }
  }
  return Status(Code::kInvalidArgument, "'" + valid_utf8(size) + "' is no size")
      .advise("write a whole number with B, KB, MB, GB or TB: 20GB");
}

std::string shown_size(int64_t bytes) {
  for (const Unit& unit : kUnits) {
    if (const int64_t one = int64_t{1} << unit.shift; bytes >= one && unit.shift > 0) {
      return fmt::format("{:.1f} {}", static_cast<double>(bytes) / static_cast<double>(one),
                         unit.name);
    }
  }
  return fmt::format("{} B", bytes);
}

}  // namespace ktl
