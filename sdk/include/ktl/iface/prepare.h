/* "ktl.prepare/1": look at what is about to be built, before any of it is.
 *
 * A prepare plugin sees the request and the draft of the plan. It may tighten the plan by the few
 * amendments listed in docs/schema/amendments-1.json (leave paths out of the context, pin a source
 * to a digest, add labels) and report findings; it can neither start anything nor loosen anything.
 * Once the last prepare plugin has spoken the plan gets its digest and never changes again, so two
 * plugins that amend the same label or pin the same source differently fail the build (exit 2).
 * So does what cannot be done: a pin of something that is no source of this build, or is a git
 * repository; a path to leave out of a context that the builder fetches by itself.
 *
 * The context is hostile: open files of it below the folder the plan names and follow no link out
 * of it. Runs on the worker's side; may be isolated (isolate: true). */
#ifndef KTL_IFACE_PREPARE_H
#define KTL_IFACE_PREPARE_H

#include <ktl/plugin.h>

#define KTL_PREPARE_ID "ktl.prepare/1"

typedef struct ktl_prepare_v1 {
  /* In: preparation-1 {request, plan}. Out: amendments-1 {exclude, labels, pins, findings}. A
   * finding of severity "block" stops the build before the builder is asked for anything.
   * KTL_INVALID_ARGUMENT: the input itself is wrong (exit 2); any other failure: exit 8.
   * Deadline: 5 minutes. [serial] */
  ktl_verb prepare;
} ktl_prepare_v1;

#endif
