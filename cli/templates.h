// The files of sdk/template as the build put them into the program (templates.cmake).
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace ktl::cli {

// @ID@ and @NAME@ in `text` stand for the plugin's id and for the name of its target and file.
struct Template {
  std::string_view language;  // "c" or "cpp"
  std::string_view name;
  std::string_view text;
};

extern const std::span<const Template> kTemplates;

}  // namespace ktl::cli
