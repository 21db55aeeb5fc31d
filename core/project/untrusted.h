// What a project file may say that nobody has trusted: inputs of the build, and stricter rules.
#pragma once

#include "core/project/project.h"
#include "core/project/source.h"

namespace ktl {

// kInvalidArgument, with the place, for keys of the document that run code, pick who runs the
// build, or lead anywhere: plugins, plugin-dirs, builder, builders, registries.
Status check_untrusted_keys(const ProjectSource& source, const json::value& document,
                            const Status& why);

// The same for what was read from it: flags that are neither inputs nor stricter than nothing, and
// paths out of the file's folder (symlinks resolved). Values that --set gave are the caller's.
// `why` says, as message and advice, that the file is not trusted.
Status check_untrusted(const Project& project, const Status& why);

}  // namespace ktl
