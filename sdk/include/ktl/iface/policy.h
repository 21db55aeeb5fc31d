/* "ktl.policy/1": the rules of the user or the organisation.
 *
 * `decide` is asked about single things, and what it refuses does not happen: each source of the
 * plan before the builder is asked for anything, and whatever plugins put to it through
 * ktl.host.policy/1 while the build runs: the solver each source that the builder (BuildKit 0.26 or
 * newer) wants, and each request of a fenced step. `evaluate` is asked about the whole: of
 * the plan before the build, and of all that is known before anything is exported. A policy that
 * cannot be evaluated has not agreed: any failure refuses (exit 3), a rule file that does not load
 * is KTL_INVALID_ARGUMENT (exit 2) and belongs into create(). Several policy plugins must all
 * agree.
 *
 * The same input gives the same answer: no clock, no network, no environment beyond the document.
 * Policies are trusted, what they judge is not. May be isolated. */
#ifndef KTL_IFACE_POLICY_H
#define KTL_IFACE_POLICY_H

#include <ktl/plugin.h>

#define KTL_POLICY_ID "ktl.policy/1"

typedef struct ktl_policy_v1 {
  /* In: judgement-1 {stage, plan, solved, isolation, findings, statements}: what is known so far;
   * in stage "prepare" plan and findings, in stage "attest" all of it. Out: verdict-1 {passed,
   * denials, warnings}. `passed` is false when there is a denial; a verdict that says otherwise
   * refuses the build as well (exit 3). Deadline: 5 minutes. [serial] */
  ktl_verb evaluate;

  /* In: question-1 {kind: "source" or "request", ...}; a source's digest is that of its pin. Out:
   * answer-1 {allow, reason, rule}. A build waits for it: answer in milliseconds. Deadline: 10
   * seconds. [any], so that one slow answer holds up one step and not all. */
  ktl_verb decide;
} ktl_policy_v1;

#endif
