// A project file that nobody trusts.
#include "core/project/project.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto project = ktl::parse_project(text, "/p/ktl.yaml", size % 2 == 0);
  return project.ok() && project->file.empty() ? -1 : 0;
}
