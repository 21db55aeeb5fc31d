/* "ktl.events/1": receive the event stream of a build. */
#ifndef KTL_IFACE_EVENTS_H
#define KTL_IFACE_EVENTS_H

#include <ktl/plugin.h>

#define KTL_EVENTS_ID "ktl.events/1"

typedef struct ktl_events_v1 {
  /* In: a JSON array of events {seq, time_ns, build, type, body}, in order. Called from the
   * subscriber's own thread; a slow one loses events (counted and announced as events.lost/1) but
   * never slows a build. [serial] */
  ktl_verb on_events;
} ktl_events_v1;

#endif
