// A ledger and a provenance are files and blobs that others wrote.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ledger/chain.h"
#include "ledger/entry.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto entry = ktl::ledger::entry_from_line(text); entry.ok()) {
    if (!ktl::ledger::entry_from_line(to_line(*entry)).ok()) {
      __builtin_trap();
    }
  }
  auto provenance = ktl::parse_json(text);
  if (provenance.ok()) {
    [[maybe_unused]] auto vertices = ktl::ledger::vertices_of(*provenance);
  }
  auto graph = provenance.ok() ? ktl::ledger::definition_of(*provenance)
                               : ktl::Result<ktl::json::array>(provenance.status());
  if (graph.ok()) {
    auto content = [](const ktl::ledger::Selection& selection) -> ktl::Result<std::string> {
      return selection.path;
    };
    [[maybe_unused]] auto steps = ktl::ledger::step_digests(*graph, content);
  }
  return 0;
}
