/* "ktl.policy/1": the rules of the user or the organisation.
 *
 * Two moments: `decide` is asked while the build runs, once for each source that the builder wants
 * and each request that a step sends, and what it refuses does not happen; `evaluate` is asked at
 * the end about the whole of it, and nothing is exported before it has agreed. A policy that cannot
 * be evaluated has not agreed: any failure refuses (exit 3), a rule file that does not load is
 * KTL_INVALID_ARGUMENT (exit 2) and belongs into create(). Several policy plugins must all agree.
 *
 * The same input gives the same answer: no clock, no network, no environment beyond the document.
 * Policies are trusted, what they judge is not. May be isolated. */
#ifndef KTL_IFACE_POLICY_H
#define KTL_IFACE_POLICY_H

#include <ktl/plugin.h>

#define KTL_POLICY_ID "ktl.policy/1"

typedef struct ktl_policy_v1 {
  /* In: judgement-1 {stage, plan, solved, isolation, findings, statements}: what is known so far.
   * Out: verdict-1 {passed, denials, warnings}. `passed` is false when there is a denial; ktl
   * refuses a verdict that says otherwise. Deadline: 5 minutes. [serial] */
  ktl_verb evaluate;

  /* In: question-1 {kind: "source" or "request", ...}. Out: answer-1 {allow, reason, rule}. The
   * builder waits for it: answer in milliseconds. Deadline: 10 seconds. [any], so that one
   * slow answer holds up one step and not all. */
  ktl_verb decide;
} ktl_policy_v1;

#endif
