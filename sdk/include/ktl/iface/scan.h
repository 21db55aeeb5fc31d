/* "ktl.scan/1": look at what a build produced, before anything of it is visible, and report.
 *
 * A scan plugin judges; it never changes the result. Returning a failure means "could not look"
 * and blocks the export (exit 8); returning findings means "looked, and this is what I saw".
 * What it looks at (layers, configs) was made by strangers: bound sizes, counts, depth and time,
 * and never unpack to a place outside a folder of your own. May be isolated. */
#ifndef KTL_IFACE_SCAN_H
#define KTL_IFACE_SCAN_H

#include <ktl/plugin.h>

#define KTL_SCAN_ID "ktl.scan/1"

typedef struct ktl_scan_v1 {
  /* In: solved-1 (root descriptor; manifests, configs and layers by digest, to be opened through
   * ktl.host.content/1). Out: findings-1. A finding of severity "block" stops the build. Called
   * once per build, also for builds whose result stays in the builder's cache (the root is then
   * null and there is nothing to open). Deadline: 30 minutes. [serial] */
  ktl_verb scan;
} ktl_scan_v1;

#endif
