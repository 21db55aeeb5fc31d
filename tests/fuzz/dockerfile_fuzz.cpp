// Any text is parsed or refused, and what was parsed gives a stage graph that holds together.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "dockerfile/parser.h"
#include "dockerfile/stages.h"

namespace {

using namespace ktl::dockerfile;  // NOLINT(*-using-namespace)

void require(bool held) {
  if (!held) {
    std::abort();
  }
}

void check_lines(const Dockerfile& file) {
  require(!file.instructions.empty());
  int last = 0;
  for (const Instruction& instruction : file.instructions) {
    require(instruction.start_line > last && instruction.end_line >= instruction.start_line);
    last = instruction.end_line;
  }
}

void check_graph(const StageGraph& graph) {
  for (const Stage& stage : graph.stages) {
    for (const size_t need : stage.needs) {
      require(need < graph.stages.size() && need != stage.index);
    }
    require(!graph.needed(stage.index).empty());
  }
  for (const Source& source : graph.sources) {
    require(!source.reference.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto file = parse({reinterpret_cast<const char*>(data), size});
  if (!file.ok()) {
    require(!file.status().where().empty());
    return 0;
  }
  check_lines(*file);
  const auto graph = make_stage_graph(
      *file, {.build_args = {{"A", "a/b:c"}}, .platform_args = {{"TARGETARCH", "amd64"}}});
  if (graph.ok()) {
    check_graph(*graph);
  } else {
    require(!graph.status().where().empty());
  }
  return 0;
}
