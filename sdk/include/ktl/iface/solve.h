/* "ktl.solve/1": run a plan on a builder and hold its result until ktl lets go.
 *
 * One build is one begin, any number of next and resume, one close. Between a gate and its resume
 * the builder waits: nothing that the gate guards has happened yet. */
#ifndef KTL_IFACE_SOLVE_H
#define KTL_IFACE_SOLVE_H

#include <ktl/plugin.h>

#define KTL_SOLVE_ID "ktl.solve/1"

typedef struct ktl_solve_v1 {
  /* In: builder-1 {address, start, ...}. Finds the builder, and starts the private one when the
   * address says so and `start` is true. Out: features-1 (address used, version, platforms,
   * whether steps are fenced). KTL_UNAVAILABLE: cannot be reached (exit 6). [serial] */
  ktl_verb connect;

  /* In: solve-1 {plan, staging}. Starts the build on the connected builder and returns without
   * waiting for it. Out: begun-1 {"build": "<ref>"}. Deadline: 1 minute. [serial] */
  ktl_verb begin;

  /* In: begun-1 {"build": "<ref>"}. Waits until something is to be said. Progress goes out through
   * ktl_host.emit while it waits. Out: turn-1, one of
   *   {"gate": {"kind": "root", "solved": {...}}}  the result is staged but its root manifest is
   *                                                not committed; resume decides
   *   {"done": {"ok": true, "solved": {...}}}      finished
   *   {"done": {"ok": false, "error": {...}}}      the build failed (build-error-1)
   * A failure of the call itself means that the conversation with the builder broke. [serial] */
  ktl_verb next;

  /* In: decision-1 {"build": "<ref>", "allow": bool, "reason": "..."}: answers the open gate. With
   * allow false the builder is told to give up and `next` ends with done. [serial] */
  ktl_verb resume;

  /* In: begun-1 {"build": "<ref>"}. Cancels what still runs and frees the build; called exactly
   * once, whatever happened before. [serial] */
  ktl_verb close;
} ktl_solve_v1;

#endif
