// Everything an image consists of, found by following its root manifest or index.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "oci/blob_folder.h"
#include "oci/descriptor.h"

namespace ktl::oci {

// Gives the bytes of a manifest or index; they must match the descriptor's digest.
using ReadDocument = std::function<Result<std::string>(const Descriptor&)>;

struct WalkLimits {
  int depth = 8;          // indexes within indexes
  size_t blobs = 20'000;  // all together
};

// Every blob reachable from `root`, each once, children before what names them, the root last: the
// order in which a registry takes them. Layers that may not be redistributed are left out. A
// document that is not what its descriptor says is kDataLoss, beyond the limits kResourceExhausted.
Result<std::vector<Descriptor>> walk(const Descriptor& root, const ReadDocument& read,
                                     const WalkLimits& limits = {});

// Reads from an image layout.
ReadDocument documents_of(const BlobFolder& blobs);  // keeps a reference to `blobs`

}  // namespace ktl::oci
