/* "ktl.secret/1": values from where an organisation keeps them.
 *
 * The user names a secret by reference ("vault:team/app#token"); the part before the first colon is
 * the provider's name from its configuration. ktl asks for the value when the build needs it and
 * not before, registers it with the redactor before anybody else sees it, keeps it in memory that
 * is zeroed afterwards and hands it to the builder's session only.
 *
 * A value never is a document: it goes out through ktl_host.write as bytes, in one or more pieces,
 * at most 500 KiB, and appears in no event, log line, error, argument or file. Zero your own copy.
 * Runs on the keeper's side; never isolated. */
#ifndef KTL_IFACE_SECRET_H
#define KTL_IFACE_SECRET_H

#include <ktl/plugin.h>

#define KTL_SECRET_ID "ktl.secret/1"

typedef struct ktl_secret_v1 {
  /* In: reference-1 {id, reference}. Out: the value's bytes, as they are. KTL_NOT_FOUND: there is
   * no such secret; KTL_UNAUTHENTICATED, KTL_PERMISSION_DENIED: the provider refused;
   * KTL_UNAVAILABLE: it cannot be reached. Each ends the build before the step runs; the message
   * names the reference, never the value. Deadline: 1 minute. [serial] */
  ktl_verb resolve;
} ktl_secret_v1;

#endif
