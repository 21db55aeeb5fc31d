#include <ktl/plugin.hpp>

#include "nsjail.h"

KTL_PLUGIN(ktl::sandbox_nsjail::Nsjail)
