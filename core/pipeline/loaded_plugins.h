// The plugins of a registry, for the stages.
#pragma once

#include <memory>
#include <vector>

#include "core/pipeline/plugins.h"
#include "core/plugins/registry.h"

namespace ktl {

// Keeps one StagePlugin for every plugin that `registry` has started. The registry outlives it.
class LoadedPlugins {
 public:
  explicit LoadedPlugins(const PluginRegistry& registry);

  [[nodiscard]] const StagePlugins& plugins() const { return plugins_; }

 private:
  std::vector<std::unique_ptr<StagePlugin>> owned_;
  StagePlugins plugins_;
};

}  // namespace ktl
