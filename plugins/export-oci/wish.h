// What a plan asks of the exporter.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "oci/reference.h"

namespace ktl::export_oci {

inline constexpr std::string_view kPluginId = "ktl.export.oci";

struct Wish {
  std::vector<oci::Reference> tags;   // normalised, each once, in the order given
  bool push = false;                  // --push
  bool keep = false;                  // in ktl's store: no other output was named, or bare --oci
  std::filesystem::path destination;  // --oci=DIR or FILE.tar, absolute; empty: none
  std::filesystem::path context;      // the folder that is sent to the builder

  [[nodiscard]] bool nothing() const { return !push && !keep && destination.empty(); }
};

// Reads ktl.plan/1. kInvalidArgument: a tag that is none, --push without one.
Result<Wish> read_wish(const json::value& plan);

}  // namespace ktl::export_oci
