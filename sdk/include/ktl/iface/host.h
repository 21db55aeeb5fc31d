/* Host services: what ktl offers plugins beyond ktl_host, found by ktl_host.get. All [any]. */
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
 * never go into a document, an event or an error. */
typedef struct ktl_host_auth_v1 {
  /* Fills `user` and `secret` (capacities in, lengths out) for a registry host ("ghcr.io",
   * "127.0.0.1:5000"). KTL_NOT_FOUND: none, go anonymously. `user` "<token>" means that `secret`
   * is an identity token. KTL_OUT_OF_RANGE: a buffer is too small. Zero them after use. */
  ktl_status (*credentials)(ktl_call* call, ktl_str registry, char* user, size_t* user_size,
                            char* secret, size_t* secret_size);
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

#ifdef __cplusplus
}
#endif
#endif
