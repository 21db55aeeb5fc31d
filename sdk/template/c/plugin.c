/* @ID@: tells of every build that it looked at it. */
#include <ktl/iface/scan.h>
#include <stdlib.h>
#include <string.h>

struct ktl_instance {
  const ktl_host* host;
  const char* severity;
};

static ktl_str text(const char* words) {
  ktl_str borrowed = {words, strlen(words)};
  return borrowed;
}

/* Whether the bytes hold `words`; a ktl_str has no NUL at its end. */
static int holds(ktl_str bytes, const char* words) {
  size_t size = strlen(words);
  for (size_t at = 0; at + size <= bytes.size; ++at) {
    if (memcmp(bytes.data + at, words, size) == 0) {
      return 1;
    }
  }
  return 0;
}

/* `config` is valid by schema.json, defaults filled in: {"severity":"info"}. A real plugin reads
 * it with a JSON library of its choice, linked statically. */
static ktl_status create(const ktl_host* host, ktl_call* call, ktl_str config, ktl_instance** out) {
  ktl_instance* self = malloc(sizeof *self);
  if (self == NULL) {
    return host->fail(call, KTL_RESOURCE_EXHAUSTED, text("out of memory"), text(""));
  }
  self->host = host;
  self->severity = holds(config, "\"block\"")  ? "block"
                   : holds(config, "\"warn\"") ? "warn"
                                               : "info";
  *out = self;
  return KTL_OK;
}

static void destroy(ktl_instance* self) { free(self); }

/* `solved` is a ktl.solved/1 document; what is written is ktl.findings/1. */
static ktl_status scan(ktl_instance* self, ktl_call* call, ktl_str solved) {
  (void)solved;
  if (self->host->cancelled(call)) {
    return self->host->fail(call, KTL_CANCELLED, text("told to stop"), text(""));
  }
  self->host->write(call, text("{\"schema\":\"ktl.findings/1\",\"findings\":[{\"rule\":\"@NAME@\","
                               "\"severity\":\""));
  self->host->write(call, text(self->severity));
  self->host->write(call, text("\",\"message\":\"@ID@ looked at the result\"}]}"));
  return KTL_OK;
}

static const ktl_scan_v1 kScan = {&scan};
static const ktl_interface kInterfaces[] = {{KTL_SCAN_ID, &kScan}, {NULL, NULL}};

KTL_PLUGIN_EXPORT extern const ktl_plugin_draft ktl_plugin_draft_entry;
const ktl_plugin_draft ktl_plugin_draft_entry = {ktl_headers_sha256, kInterfaces, &create,
                                                 &destroy};
