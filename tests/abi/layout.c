/* The contract's layout as plain C11 sees it: every struct of ktl/plugin.h and ktl/iface, with the
 * offsets of a 64-bit System V machine. A change here is a new interface id, never an edit. */
#include <ktl/iface/attest.h>
#include <ktl/iface/builder.h>
#include <ktl/iface/cache.h>
#include <ktl/iface/check.h>
#include <ktl/iface/command.h>
#include <ktl/iface/events.h>
#include <ktl/iface/export.h>
#include <ktl/iface/host.h>
#include <ktl/iface/policy.h>
#include <ktl/iface/prepare.h>
#include <ktl/iface/sandbox.h>
#include <ktl/iface/scan.h>
#include <ktl/iface/secret.h>
#include <ktl/iface/solve.h>
#include <ktl/plugin.h>
#include <string.h>

#ifdef __cplusplus
#define ASSERT(condition, text) static_assert(condition, text)
#else
#define ASSERT(condition, text) _Static_assert(condition, text)
#endif
#define AT(type, member, words) \
  ASSERT(offsetof(type, member) == (words) * sizeof(void*), #type "." #member)
#define SIZE(type, words) ASSERT(sizeof(type) == (words) * sizeof(void*), #type)

SIZE(ktl_str, 2);
AT(ktl_str, data, 0);
AT(ktl_str, size, 1);
ASSERT(sizeof(ktl_status) == 4, "ktl_status");

SIZE(ktl_host, 8);
AT(ktl_host, fail, 0);
AT(ktl_host, write, 1);
AT(ktl_host, log, 2);
AT(ktl_host, emit, 3);
AT(ktl_host, cancelled, 4);
AT(ktl_host, cancel_fd, 5);
AT(ktl_host, deadline_ns, 6);
AT(ktl_host, get, 7);

SIZE(ktl_interface, 2);
AT(ktl_interface, id, 0);
AT(ktl_interface, table, 1);

SIZE(ktl_plugin_draft, 4);
AT(ktl_plugin_draft, headers_sha256, 0);
AT(ktl_plugin_draft, interfaces, 1);
AT(ktl_plugin_draft, create, 2);
AT(ktl_plugin_draft, destroy, 3);

SIZE(ktl_solve_v1, 5);
AT(ktl_solve_v1, connect, 0);
AT(ktl_solve_v1, begin, 1);
AT(ktl_solve_v1, next, 2);
AT(ktl_solve_v1, resume, 3);
AT(ktl_solve_v1, close, 4);

SIZE(ktl_export_v1, 4);
AT(ktl_export_v1, choose, 0);
AT(ktl_export_v1, stage, 1);
AT(ktl_export_v1, commit, 2);
AT(ktl_export_v1, rollback, 3);

SIZE(ktl_prepare_v1, 1);
AT(ktl_prepare_v1, prepare, 0);
SIZE(ktl_builder_v1, 2);
AT(ktl_builder_v1, acquire, 0);
AT(ktl_builder_v1, release, 1);
SIZE(ktl_sandbox_v1, 2);
AT(ktl_sandbox_v1, probe, 0);
AT(ktl_sandbox_v1, wrap, 1);
SIZE(ktl_policy_v1, 2);
AT(ktl_policy_v1, evaluate, 0);
AT(ktl_policy_v1, decide, 1);
SIZE(ktl_cache_v1, 4);
AT(ktl_cache_v1, options, 0);
AT(ktl_cache_v1, inspect, 1);
AT(ktl_cache_v1, plan, 2);
AT(ktl_cache_v1, warm, 3);
SIZE(ktl_attest_v1, 3);
AT(ktl_attest_v1, attest, 0);
AT(ktl_attest_v1, sign, 1);
AT(ktl_attest_v1, verify, 2);
SIZE(ktl_secret_v1, 1);
AT(ktl_secret_v1, resolve, 0);
SIZE(ktl_scan_v1, 1);
AT(ktl_scan_v1, scan, 0);
SIZE(ktl_events_v1, 1);
AT(ktl_events_v1, on_events, 0);
SIZE(ktl_command_v1, 1);
AT(ktl_command_v1, run, 0);
SIZE(ktl_check_v1, 1);
AT(ktl_check_v1, check, 0);

SIZE(ktl_host_content_v1, 5);
AT(ktl_host_content_v1, open, 0);
AT(ktl_host_content_v1, size, 1);
AT(ktl_host_content_v1, create, 2);
AT(ktl_host_content_v1, commit, 3);
AT(ktl_host_content_v1, folder, 4);
SIZE(ktl_host_auth_v1, 2);
AT(ktl_host_auth_v1, credentials, 0);
AT(ktl_host_auth_v1, token, 1);
SIZE(ktl_host_secret_v1, 2);
AT(ktl_host_secret_v1, secret, 0);
AT(ktl_host_secret_v1, ssh_agent, 1);
SIZE(ktl_host_state_v1, 3);
AT(ktl_host_state_v1, state, 0);
AT(ktl_host_state_v1, cache, 1);
AT(ktl_host_state_v1, runtime, 2);
SIZE(ktl_host_files_v1, 2);
AT(ktl_host_files_v1, open, 0);
AT(ktl_host_files_v1, replace, 1);
SIZE(ktl_host_process_v1, 1);
AT(ktl_host_process_v1, run, 0);
SIZE(ktl_host_redact_v1, 1);
AT(ktl_host_redact_v1, add, 0);
SIZE(ktl_host_policy_v1, 1);
AT(ktl_host_policy_v1, decide, 0);
SIZE(ktl_host_builder_v1, 1);
AT(ktl_host_builder_v1, open, 0);
SIZE(ktl_host_terminal_v1, 1);
AT(ktl_host_terminal_v1, lend, 0);

/* gRPC's numbers, which ktl's own Code repeats. */
ASSERT(KTL_OK == 0 && KTL_CANCELLED == 1 && KTL_INVALID_ARGUMENT == 3, "codes");
ASSERT(KTL_NOT_FOUND == 5 && KTL_INTERNAL == 13 && KTL_UNAUTHENTICATED == 16, "codes");

/* A whole plugin in C, to prove that one can be written. */
static ktl_status scan(ktl_instance* instance, ktl_call* call, ktl_str document) {
  (void)instance;
  (void)call;
  return document.size == 0 ? KTL_INVALID_ARGUMENT : KTL_OK;
}

static ktl_status create(const ktl_host* host, ktl_call* call, ktl_str config, ktl_instance** out) {
  static char self;
  (void)host;
  (void)call;
  (void)config;
  *out = (ktl_instance*)(void*)&self;
  return KTL_OK;
}

static void destroy(ktl_instance* instance) { (void)instance; }

static const ktl_scan_v1 kScan = {&scan};
static const ktl_interface kInterfaces[] = {{KTL_SCAN_ID, &kScan}, {NULL, NULL}};
static const ktl_plugin_draft kEntry = {"", kInterfaces, &create, &destroy};

int main(void) {
  ktl_instance* instance = NULL;
  ktl_str config = {"{}", 2};
  ktl_str nothing = {NULL, 0};
  const ktl_scan_v1* found = (const ktl_scan_v1*)kEntry.interfaces[0].table;
  if (strcmp(kEntry.interfaces[0].id, "ktl.scan/1") != 0 ||
      kEntry.create(NULL, NULL, config, &instance) != KTL_OK || instance == NULL) {
    return 1;
  }
  if (found->scan(instance, NULL, config) != KTL_OK ||
      found->scan(instance, NULL, nothing) != KTL_INVALID_ARGUMENT) {
    return 2;
  }
  kEntry.destroy(instance);
  return 0;
}
