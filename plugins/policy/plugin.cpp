#include <ktl/plugin.hpp>

#include "rules.h"

KTL_PLUGIN(ktl::policy::Rules)
