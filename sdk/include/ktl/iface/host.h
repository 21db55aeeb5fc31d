/* Host services: what ktl offers plugins beyond ktl_host, found by ktl_host.get. All [any].
 *
 * `get` returns NULL for a service that nobody answers here: a build without --secret offers no
 * ktl.host.secret/1, an isolated plugin has no ktl.host.auth/1, an older ktl does not know the
 * newest. Ask, and say in your failure what is missing. Services fail like verbs do: with a code,
 * and the reason is already recorded, so that a verb may return that code without calling fail. */
#ifndef KTL_IFACE_HOST_H
#define KTL_IFACE_HOST_H

#include <ktl/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KTL_HOST_CONTENT_ID "ktl.host.content/1"
#define KTL_HOST_AUTH_ID "ktl.host.auth/1"
#define KTL_HOST_SECRET_ID "ktl.host.secret/1"
#define KTL_HOST_STATE_ID "ktl.host.state/1"
#define KTL_HOST_FILES_ID "ktl.host.files/1"
#define KTL_HOST_PROCESS_ID "ktl.host.process/1"
#define KTL_HOST_REDACT_ID "ktl.host.redact/1"
#define KTL_HOST_POLICY_ID "ktl.host.policy/1"
#define KTL_HOST_BUILDER_ID "ktl.host.builder/1"
#define KTL_HOST_TERMINAL_ID "ktl.host.terminal/1"

/* Content by digest: ktl's own store, blobs named by the sha256 of their bytes. A blob is
 * reachable by its digest as soon as it is committed; that makes no image visible. */
typedef struct ktl_host_content_v1 {
  /* A read-only descriptor of the blob at offset 0, yours to close; -1 when the store does not
   * have it or the name is no "sha256:<hex>". */
  int32_t (*open)(ktl_call* call, ktl_str digest);

  /* Size in bytes, -1 when absent. */
  int64_t (*size)(ktl_call* call, ktl_str digest);

  /* A new empty file to write a blob into, yours to close; -1 with the reason in fail. Nothing
   * refers to it until commit; an uncommitted one is gone when the descriptor is closed. */
  int32_t (*create)(ktl_call* call);

  /* Hashes what was written to `fd` and takes it into the store under `digest`. The digest must
   * match, else KTL_DATA_LOSS and the bytes are dropped. Already present is fine. */
  ktl_status (*commit)(ktl_call* call, int32_t fd, ktl_str digest);

  /* The folder that is the store (an OCI image layout), for plugins that link or copy blobs. Fills
   * `path` (capacity in, length out, no NUL). KTL_OUT_OF_RANGE: the buffer is too small. */
  ktl_status (*folder)(ktl_call* call, char* path, size_t* path_size);
} ktl_host_content_v1;

/* Credentials of registries, from the files and helpers the user chose. Values are secrets: they
 * never go into a document, an event or an error. On the worker's side only registries that the
 * plan takes from, or caches to, are open, and `credentials` has nothing for one that gives tokens:
 * the password stays with the keeper, which asks the registry itself what it wants to see. */
typedef struct ktl_host_auth_v1 {
  /* Fills `user` and `secret` (capacities in, lengths out) for a registry host ("ghcr.io",
   * "127.0.0.1:5000"). KTL_NOT_FOUND: none, go anonymously. `user` "<token>" means that `secret`
   * is an identity token. KTL_OUT_OF_RANGE: a buffer is too small. Zero them after use. */
  ktl_status (*credentials)(ktl_call* call, ktl_str registry, char* user, size_t* user_size,
                            char* secret, size_t* secret_size);

  /* Exchanges them for a token: fills `token` (capacity in, length out), which opens `scopes` of
   * the registry for `seconds` from now. Scopes are words with spaces between them,
   * "repository:library/alpine:pull", at most 64; without any no token is fetched, and KTL_OK says
   * that there would be one. KTL_NOT_FOUND: nobody has credentials for it, or it gives no tokens.
   * KTL_PERMISSION_DENIED: none of the scopes belongs to this build. KTL_UNAVAILABLE: it could not
   * be asked. Zero the token after use. */
  ktl_status (*token)(ktl_call* call, ktl_str registry, ktl_str scopes, char* token,
                      size_t* token_size, int64_t* seconds);
} ktl_host_auth_v1;

/* Values of --secret and --ssh by id. */
typedef struct ktl_host_secret_v1 {
  /* Fills `value` (capacity in, length out; values are at most 500 KiB). KTL_NOT_FOUND: the user
   * named no such secret. Zero it after use. */
  ktl_status (*secret)(ktl_call* call, ktl_str id, char* value, size_t* value_size);

  /* A connected stream socket to the ssh agent that serves `id` ("default"), yours to close; -1
   * when --ssh named none. */
  int32_t (*ssh_agent)(ktl_call* call, ktl_str id);
} ktl_host_secret_v1;

/* Folders of the user's that the calling plugin may write, made on demand with mode 0700: each
 * verb fills `path` as ktl_host_content_v1.folder does. */
typedef struct ktl_host_state_v1 {
  /* Kept: $XDG_STATE_HOME/ktl/plugins/<id>. */
  ktl_status (*state)(ktl_call* call, char* path, size_t* path_size);
  /* May be deleted at any time: $XDG_CACHE_HOME/ktl/plugins/<id>. */
  ktl_status (*cache)(ktl_call* call, char* path, size_t* path_size);
  /* For sockets and locks: $XDG_RUNTIME_DIR/ktl/<id>, /run/ktl/<id> for root without one. */
  ktl_status (*runtime)(ktl_call* call, char* path, size_t* path_size);
} ktl_host_state_v1;

/* Files the user named, by flag or in a trusted project file, as descriptors: a plugin that uses
 * this instead of open(2) works behind a fence and in a process of its own too. Named are the
 * context, the Dockerfile, folders of --build-context, places of --output, and the values of
 * plugins' flags of type "path". Not offered outside a build. */
typedef struct ktl_host_files_v1 {
  /* A read-only descriptor of the regular file at the absolute `path`, yours to close; -1 with the
   * reason recorded. KTL_PERMISSION_DENIED: the user named neither this file nor a folder above it.
   * Below a named folder no link is followed out of it. */
  int32_t (*open)(ktl_call* call, ktl_str path);

  /* Replaces the file at the absolute `path` by `bytes` in one step: a temporary file beside it,
   * then rename; mode 0644. The old file stays if that fails. Only below what the user named. */
  ktl_status (*replace)(ktl_call* call, ktl_str path, ktl_str bytes);
} ktl_host_files_v1;

/* Helper programs, behind the fence when there is one. ktl starts, limits and reaps them; nothing
 * that was started here outlives its call. */
typedef struct ktl_host_process_v1 {
  /* Runs process-1 {"argv": [...], "env": {...}, "timeout_ms": 30000} to its end without a shell,
   * with `env` as the whole environment (a plain PATH when it is empty) and no descriptor but 0
   * (/dev/null), 1 and 2, which both are `output` (borrowed; a pipe must be read meanwhile). `exit`
   * becomes its exit code, 128 + signal when a signal ended it. KTL_NOT_FOUND: no such program.
   * KTL_CANCELLED and KTL_DEADLINE_EXCEEDED: it was stopped with the call, or after its own time.
   */
  ktl_status (*run)(ktl_call* call, ktl_str command, int32_t output, int32_t* exit);
} ktl_host_process_v1;

/* Values that must never be seen: what you register is masked in every event from now on, in every
 * build of this process, also in base64, hex and URL form. */
typedef struct ktl_host_redact_v1 {
  /* `value`: 1 byte to 500 KiB; ktl keeps what it needs in memory that is zeroed. Call it before
   * the value is used for anything. KTL_INVALID_ARGUMENT: empty or too long. Values of fewer than 8
   * bytes are masked only where they stand alone, and the user is warned. */
  ktl_status (*add)(ktl_call* call, ktl_str value);
} ktl_host_redact_v1;

/* The policies' answer while a build runs, for plugins that fetch something themselves. Offered
 * when a policy plugin takes part in the build, or its steps are fenced (--hermetic,
 * --allow-network): the fence's own rules are asked first, then every policy. */
typedef struct ktl_host_policy_v1 {
  /* question-1 in; `allow` becomes 1 or 0. When 0, or on any failure, do not do it; the reason is
   * recorded, so `return KTL_PERMISSION_DENIED` is enough. It also fills `reason` (capacity in,
   * length out, cut to fit; both may be NULL). Blocks until every policy has answered, at most 10
   * seconds each. KTL_FAILED_PRECONDITION: a policy asks, which would wait for itself. */
  ktl_status (*decide)(ktl_call* call, ktl_str question, int32_t* allow, char* reason,
                       size_t* reason_size);
} ktl_host_policy_v1;

/* The way to builders: a socket, or a program (`ssh host buildctl dial-stdio`, docker exec, kubectl
 * exec). ktl opens it where the user is, with their network, agents, keys and helpers, which a
 * plugin behind a fence has not. */
typedef struct ktl_host_builder_v1 {
  /* Opens daemon number `node` (0, unless a name of buildx's stands for several) of `builder`, an
   * address as builder-1 gave it. What runs follows from that and from the user's own docker
   * configuration. Fills, yours to close: `stream`, a connected stream socket, or one to a
   * program's stdin and stdout (the program ends when it is closed); `errors`, a file that has what
   * the program wrote to its stderr before the file's offset, 64 KiB at most; `process`, readable
   * once it has ended. Without a program these two stay silent. TLS is yours to speak.
   * KTL_PERMISSION_DENIED: no builder of this build; KTL_INVALID_ARGUMENT: no address;
   * KTL_UNAVAILABLE: nobody listens there, or the program is missing. */
  ktl_status (*open)(ktl_call* call, ktl_str builder, int32_t node, int32_t* stream,
                     int32_t* errors, int32_t* process);
} ktl_host_builder_v1;

/* The user's terminal, while a build with --interactive runs; offered in no other. */
typedef struct ktl_host_terminal_v1 {
  /* Lends it until `stream` is closed, by you or by your end. ktl shows `notice` (one line) and
   * then nothing of its own; keys come as bytes of `stream`, Ctrl-C too, and what is written there
   * goes to the terminal as it is, secrets as well. `sizes` is a pipe with rows and columns as two
   * uint16_t each time: at once, and whenever the window has changed. Both are yours to close.
   * KTL_FAILED_PRECONDITION: it is lent already; KTL_UNAVAILABLE: the terminal is gone;
   * KTL_CANCELLED: the build is. */
  ktl_status (*lend)(ktl_call* call, ktl_str notice, int32_t* stream, int32_t* sizes);
} ktl_host_terminal_v1;

#ifdef __cplusplus
}
#endif
#endif
