// Stages that need one another.
#pragma once

#include <span>
#include <vector>

#include "dockerfile/stages.h"

namespace ktl::dockerfile {

// The stages of one circle, each needing the next and the last one the first; empty when there is
// none. Every Stage::needs must name stages of `stages`, each once.
std::vector<size_t> find_circle(std::span<const Stage> stages);

}  // namespace ktl::dockerfile
