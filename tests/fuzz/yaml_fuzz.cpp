// YAML that nobody trusts.
#include "yaml/yaml.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto document = ktl::parse_yaml(text, "/p/ktl.yaml");
  return document.ok() && document->locate("f", "/a/b").empty() ? -1 : 0;
}
