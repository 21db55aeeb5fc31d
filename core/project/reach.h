// `registries:` and `builders:` of a project file.
#pragma once

#include "core/document/reach.h"
#include "core/project/source.h"

namespace ktl {

// kInvalidArgument with the place: a host or mirror that is none, a proxy with credentials or
// outside "*", contradictions (`http` with a CA), a file that is not there.
Result<std::vector<RegistryRule>> read_registries(const ProjectSource& source,
                                                  const json::value& document);

// Pools are resolved: every rule has its daemons. kInvalidArgument with the place: neither address
// nor pool, a name in a pool that is no builder or a pool itself, an address that names no kind of
// builder or holds a password, a file that is not there.
Result<std::vector<BuilderRule>> read_builders(const ProjectSource& source,
                                               const json::value& document);

}  // namespace ktl
