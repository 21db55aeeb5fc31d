/* An entry without a manifest: nothing says who this is. */
#include <ktl/plugin.h>

extern KTL_PLUGIN_EXPORT const ktl_plugin_draft ktl_plugin_draft_entry;
const ktl_plugin_draft ktl_plugin_draft_entry = {0};
