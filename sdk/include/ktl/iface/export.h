/* "ktl.export/1": make a result visible, in two steps so that all of it appears or none.
 *
 * Until commit nothing outside ktl's own store may change; after a failed commit, rollback undoes
 * what can be undone and the receipt says what cannot. All export plugins stage before the first
 * commits. Registry credentials come from ktl.host.auth/1 and live as long as a call. Runs on the
 * keeper's side. */
#ifndef KTL_IFACE_EXPORT_H
#define KTL_IFACE_EXPORT_H

#include <ktl/plugin.h>

#define KTL_EXPORT_ID "ktl.export/1"

typedef struct ktl_export_v1 {
  /* In: plan-1, with the plugin's own flags under options.<plugin id>. Checks names and
   * destinations before any work is done (bad ones: KTL_INVALID_ARGUMENT, exit 2).
   * Out: choice-1 {"staging": bool, "outputs": ["..."], "exclude": ["..."]}: whether the result has
   * to be staged, where it will go, and paths inside the context that will be written and must not
   * be sent. Deadline: 1 minute. [serial] */
  ktl_verb choose;

  /* In: solved-1. Prepares everything that is not visible: temp folders, blobs by digest.
   * Out: staged-1 {"staged": [...]}. Deadline: 1 hour. [serial] */
  ktl_verb stage;

  /* In: solved-1. Makes it visible, tags and names last. Out: receipts-1.
   * Deadline: 2 hours. [serial] */
  ktl_verb commit;

  /* In: solved-1. Removes what stage and a broken commit left. Never fails loudly: what cannot
   * be undone is logged. Called also when the build is cancelled. Deadline: 2 minutes. [serial] */
  ktl_verb rollback;
} ktl_export_v1;

#endif
