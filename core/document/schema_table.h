// The schemas of docs/schema as the build put them into the program (embed.cmake).
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace ktl {

struct EmbeddedSchema {
  std::string_view name;  // "plan-1"
  std::string_view text;
};

// Sorted by name.
extern const std::span<const EmbeddedSchema> kSchemas;

}  // namespace ktl
