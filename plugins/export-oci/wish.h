// What a plan asks of the exporter.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "oci/reference.h"
#include "oci/registry_rule.h"

namespace ktl::export_oci {

inline constexpr std::string_view kPluginId = "ktl.export.oci";

// A file or folder of the user's that becomes the result, or stdout.
struct Place {
  enum class Kind {
    kLayout,   // a folder: OCI image layout
    kArchive,  // a tar file of one
    kDocker,   // the same, readable by `docker load` of every version
    kFolder,   // the files themselves, below a folder
    kTar,      // the files themselves, as a tar file
  };
  Kind kind = Kind::kLayout;
  std::filesystem::path path;  // absolute; "-" for stdout
  size_t file = 0;             // kFolder, kTar: its place in the "files" of ktl.solved/1

  [[nodiscard]] bool to_stdout() const { return path == "-"; }
  [[nodiscard]] bool of_files() const { return kind == Kind::kFolder || kind == Kind::kTar; }
};

struct Wish {
  std::vector<oci::Reference> tags;  // normalised, each once, in the order given
  bool push = false;                 // --push, type=registry, type=image,push=true
  bool by_digest = false;            // content only: no tag is set
  bool insecure = false;             // the registries may speak plain HTTP
  bool load = false;                 // into the local docker
  bool keep = false;                 // in ktl's store
  std::vector<Place> places;
  std::vector<oci::RegistryRule> rules;  // how registries are reached
  std::filesystem::path context;         // the folder that is sent to the builder

  [[nodiscard]] bool nothing() const { return !push && !keep && !load && places.empty(); }
};

// Reads ktl.plan/1. kInvalidArgument: a tag that is none, --push or --load without one, two outputs
// to stdout, several platforms for docker.
Result<Wish> read_wish(const json::value& plan);

}  // namespace ktl::export_oci
