#include <ktl/plugin.hpp>

#include "exporter.h"

KTL_PLUGIN(ktl::export_oci::ImageExporter)
