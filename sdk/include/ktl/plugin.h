/* ktl/plugin.h: the whole binary contract between ktl and its plugins.
 *
 * Plain C11. Draft until release 1.0: host and plugin must be built from the very same header
 * files (their sha256 is compared). Rules, once, for everything below and in ktl/iface:
 *
 *  - A ktl_str is not NUL-terminated and is borrowed: valid until the call returns. Text is UTF-8.
 *    A const char* is NUL-terminated and lives as long as the plugin is loaded.
 *  - Memory never changes hands. Results go out through ktl_host.write, errors through
 *    ktl_host.fail. Descriptors are borrowed for the call unless the comment says "yours".
 *  - No exception, longjmp or thread cancellation may cross a function declared here.
 *  - Every verb has one shape: instance, call, one JSON document in; zero or one JSON document out
 *    through write. docs/schema/<name>-1.json describes each document.
 *  - [any]: callable from any thread, concurrently. [serial]: ktl never makes two [serial] calls
 *    into the same instance at once; which thread makes them is not promised.
 *  - A plugin may use a ktl_call, from any of its threads, until the verb it was handed to returns.
 *  - A plugin is never unloaded, and ktl ends with _exit(2): atexit handlers do not run. */
#ifndef KTL_PLUGIN_H
#define KTL_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Borrowed bytes; `data` may be NULL when `size` is 0. */
typedef struct ktl_str {
  const char* data;
  size_t size;
} ktl_str;

/* The canonical gRPC codes: BuildKit, ktl and plugins speak one vocabulary of failure. */
enum {
  KTL_OK = 0,
  KTL_CANCELLED = 1,
  KTL_UNKNOWN = 2,
  KTL_INVALID_ARGUMENT = 3,
  KTL_DEADLINE_EXCEEDED = 4,
  KTL_NOT_FOUND = 5,
  KTL_ALREADY_EXISTS = 6,
  KTL_PERMISSION_DENIED = 7,
  KTL_RESOURCE_EXHAUSTED = 8,
  KTL_FAILED_PRECONDITION = 9,
  KTL_ABORTED = 10,
  KTL_OUT_OF_RANGE = 11,
  KTL_UNIMPLEMENTED = 12,
  KTL_INTERNAL = 13,
  KTL_UNAVAILABLE = 14,
  KTL_DATA_LOSS = 15,
  KTL_UNAUTHENTICATED = 16
};
typedef int32_t ktl_status;

/* Severities of ktl_host.log. */
enum { KTL_DEBUG = 1, KTL_INFO = 2, KTL_WARN = 3, KTL_ERROR = 4 };

typedef struct ktl_instance ktl_instance; /* made by the plugin's create(), opaque to ktl */
typedef struct ktl_call ktl_call;         /* made by ktl, opaque to the plugin */

/* What ktl offers every plugin, always. All [any]; `call` is the one the plugin was handed. */
typedef struct ktl_host {
  /* Records why the call fails and returns `code`, so that a verb can `return fail(...)`.
   * `message`: what happened, one sentence. `next`: what the user can do, may be empty.
   * ktl copies both at once and adds plugin id, stage and interface. */
  ktl_status (*fail)(ktl_call* call, ktl_status code, ktl_str message, ktl_str next);

  /* Appends to the call's result; at most 64 MiB in all, more fails the call. */
  void (*write)(ktl_call* call, ktl_str bytes);

  /* One line for people, without a newline; becomes a log/1 event with the plugin's id. */
  void (*log)(ktl_call* call, int32_t level, ktl_str message);

  /* Publishes an event. `type` is versioned ("vertex.completed/1"); `body` is one JSON object of
   * at most 1 MiB. Never blocks on a slow reader. */
  void (*emit)(ktl_call* call, ktl_str type, ktl_str body);

  /* 1 once the user, a deadline or a failed stage wants this call to stop. Poll it, or wait on
   * cancel_fd (readable from that moment on; borrowed, never read from it). Stop soon. */
  int32_t (*cancelled)(ktl_call* call);
  int32_t (*cancel_fd)(ktl_call* call);

  /* CLOCK_MONOTONIC nanoseconds at which the call should have returned; INT64_MAX: no limit. */
  int64_t (*deadline_ns)(ktl_call* call);

  /* A host service by interface id ("ktl.host.content/1"), NULL when it is not offered. The table
   * lives as long as the program. */
  const void* (*get)(ktl_call* call, ktl_str interface_id);
} ktl_host;

/* One capability: "ktl.scan/1" and the address of a ktl_scan_v1. */
typedef struct ktl_interface {
  const char* id;
  const void* table;
} ktl_interface;

/* The one exported symbol is data, not code: ktl reads it before it calls anything of yours.
 * Id, version, config schema, flags and commands are not here but in the manifest, one JSON text
 * in the ELF section ".ktl.manifest" (docs/schema/manifest-1.json), read without loading. */
typedef struct ktl_plugin_draft {
  const char* headers_sha256;      /* ktl_headers_sha256, see below; must equal the host's */
  const ktl_interface* interfaces; /* ends with {NULL, NULL}; the ids the manifest lists */

  /* `config` is valid against the manifest's schema, defaults filled in. [any] */
  ktl_status (*create)(const ktl_host* host, ktl_call* call, ktl_str config, ktl_instance** out);

  /* Joins the instance's threads; no host call after it returns. [serial] */
  void (*destroy)(ktl_instance* instance);
} ktl_plugin_draft;

/* The sha256 of the SDK's headers, 64 hex digits: defined by a file that ktl_add_plugin() makes. */
extern const char ktl_headers_sha256[];

#define KTL_PLUGIN_ENTRY "ktl_plugin_draft_entry"
#define KTL_MANIFEST_SECTION ".ktl.manifest"
#define KTL_PLUGIN_EXPORT __attribute__((visibility("default")))

/* The shape of every verb of every interface in ktl/iface. */
typedef ktl_status (*ktl_verb)(ktl_instance* instance, ktl_call* call, ktl_str document);

#ifdef __cplusplus
}
#endif
#endif
