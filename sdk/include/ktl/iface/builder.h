/* "ktl.builder/1": a builder that ktl itself keeps on this machine.
 *
 * Where --builder says "auto" and nothing else is configured, ktl asks the one plugin that provides
 * this for a builder, and lets go of it when the build has ended. The plugin starts what is needed,
 * shares it between builds, fences it, and says what that fence is: by looking at what runs, not by
 * believing what was asked for. How the builder is spoken with is the matter of "ktl.solve/1"; ktl
 * opens the address that it is given here.
 *
 * Runs on the keeper's side: it starts programs and sees nothing of the build. */
#ifndef KTL_IFACE_BUILDER_H
#define KTL_IFACE_BUILDER_H

#include <ktl/plugin.h>

#define KTL_BUILDER_ID "ktl.builder/1"

typedef struct ktl_builder_v1 {
  /* In: builder-1 {address, start, network, options, registries}. Out: lease-1 {address, kind,
   * note, steps_fenced, lines}: where the builder listens ("unix://PATH", or any address --builder
   * takes), and what is around its RUN steps. From here until release nobody may stop it. Several
   * leases may be open at once. KTL_UNAVAILABLE: it cannot run here, with what is missing;
   * KTL_CANCELLED. Deadline: 30 minutes, since it may have to wait for builds on one that is being
   * replaced. [serial] */
  ktl_verb acquire;

  /* In: lease-1 as it was given. It may be stopped now, and will be when it is idle for long.
   * Deadline: 1 minute. [serial] */
  ktl_verb release;
} ktl_builder_v1;

#endif
