// Writes an image as a tar file of an OCI image layout, as `--output type=oci` of buildx does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/status.h"
#include "oci/layout_image.h"

namespace ktl::oci {

// One 512-byte ustar header (POSIX.1-2017, pax, "ustar Interchange Format"), preceded by a pax
// extended header when `size` does not fit. The same arguments give the same bytes: no times, no
// owner. `name` is at most 100 bytes; one that ends in "/" is a folder.
std::string tar_header(std::string_view name, uint32_t mode, int64_t size);

// kDocker adds manifest.json, by which `docker load` of every version reads the same archive; the
// image must then be one manifest, not an index (kInvalidArgument).
enum class TarFlavour { kOci, kDocker };

// One write in two steps: the archive is made beside its place and renamed over what is there.
// Entries are sorted by name. The caller holds the OutputLock. Not thread-safe.
class TarOutput {
 public:
  static Result<TarOutput> stage(const std::filesystem::path& file, const BlobFolder& store,
                                 const LayoutImage& image, TarFlavour flavour = TarFlavour::kOci);
  Status commit();
  // Removes what stage made; after a commit it does nothing.
  void rollback();

 private:
  explicit TarOutput(std::filesystem::path file);
  Status write(const BlobFolder& store, const LayoutImage& image, TarFlavour flavour);

  std::filesystem::path file_;
  std::filesystem::path temp_;
};

}  // namespace ktl::oci
