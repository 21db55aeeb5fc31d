/* "ktl.sandbox/1": the fence around ktl's own worker.
 *
 * A sandbox plugin knows one runtime (nsjail, bwrap ...). Policies are nsjail's (the text form of
 * its config.proto); a plugin for another runtime translates them and refuses what it cannot
 * honour. It turns a command into one that runs behind the fence; ktl starts that itself, and then
 * looks at the process: what stands in the isolation statement as "probed" was seen there, from
 * outside. The plugin starts nothing that outlives the call.
 *
 * Of several plugins the first that is `native` is taken, else the first that can do it at all.
 * Runs on the keeper's side: nothing hostile reaches it. */
#ifndef KTL_IFACE_SANDBOX_H
#define KTL_IFACE_SANDBOX_H

#include <ktl/plugin.h>

#define KTL_SANDBOX_ID "ktl.sandbox/1"

typedef struct ktl_sandbox_v1 {
  /* In: fence-1 {profile, runtime, context, workdir, binds, network}. Out: sandbox-1 {runtime,
   * version, policy, native, lines, binds, notes}: what the fence would be made of. The policy is
   * read, nothing is started. KTL_INVALID_ARGUMENT: the policy does not load, with FILE:LINE:COLUMN
   * (exit 2), or hides what the fence needs; KTL_NOT_FOUND: a bind's source does not exist;
   * KTL_FAILED_PRECONDITION: this machine or this runtime cannot make the fence; `next` says what
   * is missing (exit 5 when a fence was demanded, one loud warning otherwise). Deadline: 1 minute.
   * [serial] */
  ktl_verb probe;

  /* In: wrap-1 {fence, argv, env, keep_fds, log_fd}. Out: wrapped-1 {argv, env, files}: what ktl
   * has to execute so that `argv` runs behind the fence with exactly `env` and the descriptors of
   * `keep_fds`, which keep their numbers; no other descriptor reaches it. The wrapped command ends
   * when `argv` ends, with its exit code, and `argv` ends when the wrapped command is killed.
   * `files` become descriptors of the wrapped command, sealed, at offset 0; their numbers may be
   * neither of `keep_fds` nor `log_fd`. Deadline: 1 minute. [serial] */
  ktl_verb wrap;
} ktl_sandbox_v1;

#endif
