/* "ktl.sandbox/1": the fence around ktl's own worker.
 *
 * A sandbox plugin knows one runtime (nsjail, bwrap ...). It says what the fence would hold, by
 * looking and not by believing, and turns a command into one that runs behind it. ktl itself
 * starts the wrapped command: the plugin starts nothing that outlives the call. Every line of an
 * isolation statement carries its evidence: "probed" (tried just now), "declared" (asked for, not
 * tried) or "unknown". What is not known is never said to hold.
 *
 * Runs on the keeper's side: nothing hostile reaches it. */
#ifndef KTL_IFACE_SANDBOX_H
#define KTL_IFACE_SANDBOX_H

#include <ktl/plugin.h>

#define KTL_SANDBOX_ID "ktl.sandbox/1"

typedef struct ktl_sandbox_v1 {
  /* In: fence-1 {profile, context, workdir, binds, network}. Out: isolation-1 {client, steps}; a
   * plugin that fences the client says nothing of the steps (an empty list).
   * KTL_FAILED_PRECONDITION: this machine cannot run the fence; `next` says what is missing (exit 5
   * when a fence was demanded, one loud warning otherwise). Deadline: 1 minute. [serial] */
  ktl_verb probe;

  /* In: wrap-1 {fence, argv, env, keep_fds}. Out: wrapped-1 {argv, env}: what ktl has to execute so
   * that `argv` runs behind the fence with exactly `env` and the descriptors of `keep_fds`, which
   * keep their numbers. Called after probe of the same fence. Deadline: 1 minute. [serial] */
  ktl_verb wrap;
} ktl_sandbox_v1;

#endif
