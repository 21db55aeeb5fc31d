/* A plugin of a later ktl, by its entry's name. */
extern __attribute__((visibility("default"))) const int ktl_plugin_v1_entry;
const int ktl_plugin_v1_entry = 1;
