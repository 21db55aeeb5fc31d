/* "ktl.check/1": a plugin's lines in `ktl doctor`. */
#ifndef KTL_IFACE_CHECK_H
#define KTL_IFACE_CHECK_H

#include <ktl/plugin.h>

#define KTL_CHECK_ID "ktl.check/1"

typedef struct ktl_check_v1 {
  /* In: {"builder": "auto"}. Looks, changes nothing, starts nothing. Out: {"probes": [{"id",
   * "status": "PASS"|"FAIL"|"SKIP", "evidence", "fix"}]}. [serial] */
  ktl_verb check;
} ktl_check_v1;

#endif
