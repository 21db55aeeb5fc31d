// The texts of lib/secrets/rules/*.yaml, embedded at build time. Within lib/secrets only.
#pragma once

#include <span>
#include <string_view>

namespace ktl::secrets {

struct BuiltinFile {
  std::string_view name;
  std::string_view text;
};

std::span<const BuiltinFile> builtin_files();

}  // namespace ktl::secrets
