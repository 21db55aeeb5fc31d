/* "ktl.check/1": a plugin's lines in `ktl doctor`.
 *
 * Only the plugin knows what it needs from this machine: programs, sockets, kernel features,
 * rights. It looks and tells; it changes nothing, starts nothing and sends nothing. Each line has
 * an id that stays the same between versions, so that scripts can wait for it. */
#ifndef KTL_IFACE_CHECK_H
#define KTL_IFACE_CHECK_H

#include <ktl/plugin.h>

#define KTL_CHECK_ID "ktl.check/1"

typedef struct ktl_check_v1 {
  /* In: {"builder": "auto"}. Out: probes-1 {"probes": [{"id", "status": "PASS"|"FAIL"|"SKIP",
   * "evidence", "fix"}]}: what was seen, and what to do when it FAILs. Deadline: 1 minute.
   * [serial] */
  ktl_verb check;
} ktl_check_v1;

#endif
