// sandbox/builder.cfg, built into the program.
#pragma once

namespace ktl::builder {

extern const char* const kJailPolicy;

}  // namespace ktl::builder
