/* "ktl.attest/1": say what was built and how, sign it, and judge what others signed.
 *
 * The attest stage runs after the scans and before anything is visible. `attest` of every plugin
 * makes statements about the same subject; ktl has them scanned and judged like the result itself;
 * then `sign` is called once for each. A plugin without a key of its own leaves `sign` NULL, one
 * that cannot verify leaves `verify` NULL; ktl then asks another.
 *
 * Statements are in-toto Statements (https://in-toto.io/Statement/v1), envelopes DSSE
 * (https://github.com/secure-systems-lab/dsse) in a Sigstore bundle. Keys stay on the keeper's side
 * and in the plugin; no document holds one. The plugin may be isolated unless it signs. */
#ifndef KTL_IFACE_ATTEST_H
#define KTL_IFACE_ATTEST_H

#include <ktl/plugin.h>

#define KTL_ATTEST_ID "ktl.attest/1"

typedef struct ktl_attest_v1 {
  /* In: subject-1 {plan, solved, isolation, findings}. Out: statements-1 {statements: [{name,
   * statement}]}, names unique among all plugins. Deadline: 30 minutes. [serial] */
  ktl_verb attest;

  /* In: statement-1 {name, statement}. Out: envelope-1 {name, bundle}. KTL_UNAVAILABLE: the key or
   * its service cannot be reached; nothing is exported (exit 7). Deadline: 5 minutes. [serial] */
  ktl_verb sign;

  /* In: envelope-1, with `trust` naming keys or roots. Hostile. Out: verification-1 {verified,
   * reason, signer, statement}; a signature that does not hold is no failure of the call but
   * `verified: false` (exit 9). Deadline: 5 minutes. [serial] */
  ktl_verb verify;
} ktl_attest_v1;

#endif
