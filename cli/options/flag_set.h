// All flags that one command knows: its own table plus what plugins contribute.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cli/options/option.h"
#include "core/plugins/manifest.h"

namespace ktl::cli {

// Filled first, then only read. Pointers to its options stay valid while it is not changed.
class FlagSet {
 public:
  explicit FlagSet(std::vector<Option> own) : options_(std::move(own)) {}

  // Takes the flags of one plugin's manifest. A name that another plugin or ktl itself has is
  // kInvalidArgument naming both; a name that the documents only promise is handed over.
  Status contribute(const Manifest& manifest);

  // By long name or alias, without dashes; null when unknown.
  [[nodiscard]] const Option* find(std::string_view name) const;
  [[nodiscard]] const std::vector<Option>& options() const { return options_; }

  // kInvalidArgument for a flag that nobody knows, with the nearest known name as advice.
  [[nodiscard]] Status unknown(std::string_view name) const;

 private:
  Status add(Option option);

  std::vector<Option> options_;
};

}  // namespace ktl::cli
