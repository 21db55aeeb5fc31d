#include <cstring>

#include "core/plugins/services/tables.h"

namespace ktl {

ktl_status fill(std::string_view bytes, char* out, size_t* size) {
  bool fits = bytes.size() <= *size;
  if (fits && !bytes.empty()) {
    std::memcpy(out, bytes.data(), bytes.size());
  }
  *size = bytes.size();
  return fits ? KTL_OK : KTL_OUT_OF_RANGE;
}

}  // namespace ktl
