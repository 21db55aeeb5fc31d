/* "ktl.attest/1": say what was built and how, sign it, and judge what others signed.
 *
 * The attest stage runs after the scans and before anything is visible. `attest` of every plugin
 * makes statements about the same subject; the policies judge them like the result itself; then
 * each is signed once: by the plugin that made it, else by the first that can. A plugin without a
 * key of its own leaves `sign` NULL, one that cannot verify leaves `verify` NULL; KTL_UNIMPLEMENTED
 * means the same. A statement that nobody signs is kept unsigned, and the build says so.
 *
 * Statements are in-toto Statements (https://in-toto.io/Statement/v1), envelopes DSSE
 * (https://github.com/secure-systems-lab/dsse) in a Sigstore bundle. Keys stay on the keeper's side
 * and in the plugin; no document holds one. An isolated plugin signs with what it reads itself. */
#ifndef KTL_IFACE_ATTEST_H
#define KTL_IFACE_ATTEST_H

#include <ktl/plugin.h>

#define KTL_ATTEST_ID "ktl.attest/1"

typedef struct ktl_attest_v1 {
  /* In: subject-1 {plan, solved, isolation, findings}. Out: statements-1 {statements: [{name,
   * statement}]}, names unique among all plugins (else exit 8). Any failure:
   * nothing is exported (exit 7). Deadline: 30 minutes. [serial] */
  ktl_verb attest;

  /* In: statement-1 {name, statement}. Out: envelope-1 {name, bundle}: the same name, and in the
   * bundle's dsseEnvelope.payload the same statement, which ktl compares. KTL_UNAVAILABLE: the key
   * or its service cannot be reached. Any failure: nothing is exported (exit 7). Deadline: 5
   * minutes. [serial] */
  ktl_verb sign;

  /* In: envelope-1, with `trust` naming keys or roots. Hostile. Out: verification-1 {verified,
   * reason, signer, statement}; a signature that does not hold is no failure of the call but
   * `verified: false` (exit 9). Deadline: 5 minutes. [serial] */
  ktl_verb verify;
} ktl_attest_v1;

#endif
