// Documents and names of images that nobody trusts: what is accepted keeps its promises.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/sha256.h"
#include "oci/config.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "oci/reference.h"

namespace {

using namespace ktl::oci;  // NOLINT(*-using-namespace)

void require(bool held) {
  if (!held) {
    std::abort();
  }
}

void check_reference(std::string_view text) {
  const auto parsed = parse_reference(text);
  if (!parsed.ok()) {
    return;
  }
  const auto again = parse_reference(parsed->familiar());
  require(again.ok() && *again == *parsed);
  require(parsed->str().find_first_of("\r\n \t") == std::string::npos);
}

void check_documents(std::string_view text) {
  const auto manifest = parse_manifest(text);
  const auto index = parse_index(text);
  require(!manifest.ok() || !index.ok());
  if (manifest.ok()) {
    require(manifest->layers.size() <= kMaxChildren && ktl::is_digest(manifest->config.digest));
  }
  if (index.ok()) {
    const auto again = parse_index(to_text(*index));
    require(again.ok() && again->manifests == index->manifests);
  }
  const auto config = parse_config(text);
  require(!config.ok() || config->diff_ids.size() <= kMaxChildren);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_reference(text);
  check_documents(text);
  return 0;
}
