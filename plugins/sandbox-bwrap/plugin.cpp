#include <ktl/plugin.hpp>

#include "bwrap.h"

KTL_PLUGIN(ktl::sandbox_bwrap::Bwrap)
