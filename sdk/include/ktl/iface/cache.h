/* "ktl.cache/1": where the builder's cache comes from and goes to, and what it is worth.
 *
 * `options` takes part in every build, before the solve; the other three do the work of
 * `ktl cache inspect`, `plan` and `warm`. The bytes of a cache never pass through a plugin: the
 * builder fetches and stores them itself, with credentials that the options only name.
 *
 * No option and no report holds a credential. Runs on the keeper's side. */
#ifndef KTL_IFACE_CACHE_H
#define KTL_IFACE_CACHE_H

#include <ktl/plugin.h>

#define KTL_CACHE_ID "ktl.cache/1"

typedef struct ktl_cache_v1 {
  /* In: plan-1, the plugin's own flags under options.<plugin id>. Out: cache-options-1 {imports,
   * exports}, each {type, attrs} as BuildKit's frontend knows them. Deadline: 1 minute. [serial] */
  ktl_verb options;

  /* In: cache-query-1 {plan, changed: [], targets: []}. Out: cache-report-1 {hit_ratio, hits,
   * misses, steps, phases} of the last recorded build of that plan. KTL_NOT_FOUND: none is
   * recorded. Deadline: 5 minutes. [serial] */
  ktl_verb inspect;

  /* In: cache-query-1, `changed` holding paths relative to the context. Out: cache-plan-1 {changes,
   * steps, warm_targets, estimated_ms}: what a build would do now. Builds nothing.
   * Deadline: 5 minutes. [serial] */
  ktl_verb plan;

  /* In: cache-query-1 with the `targets` to be brought into the cache. Out: cache-warmed-1
   * {targets}. Deadline: 2 hours. [serial] */
  ktl_verb warm;
} ktl_cache_v1;

#endif
