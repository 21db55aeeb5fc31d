/* "ktl.events/1": receive the event stream of a build.
 *
 * Every subscriber has a bounded queue and a thread of its own. A slow one loses events, which are
 * counted and announced to it as events.lost/1 with the number of the last one lost; it never slows
 * a build. Order is kept within a build: `seq` grows, and has holes only where something was lost.
 * It begins with the first stage.started/1 and ends with build.completed/1; what has not been taken
 * five seconds after that is not delivered.
 *
 * Values of secrets were taken out before any subscriber sees an event. Text of steps is whatever
 * the steps printed: strip escape sequences before you show it. May be isolated. */
#ifndef KTL_IFACE_EVENTS_H
#define KTL_IFACE_EVENTS_H

#include <ktl/plugin.h>

#define KTL_EVENTS_ID "ktl.events/1"

typedef struct ktl_events_v1 {
  /* In: a JSON array of 1 to 1024 events, each an event-1 {seq, time_ns, build, type, body}; types
   * are in docs/documents.md, ignore those you do not know. Out: nothing. A failure is told once
   * and ends the subscription, never the build. Deadline: 1 minute. [serial] */
  ktl_verb on_events;
} ktl_events_v1;

#endif
