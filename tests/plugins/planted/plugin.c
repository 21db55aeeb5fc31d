/* Breaks one rule, the one called PLANT, and keeps all others; tests/unit/host/check_test.cpp has
 * the list. */
#include <fcntl.h>
#include <ktl/iface/command.h>
#include <ktl/iface/scan.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IS(rule) (strcmp(PLANT, rule) == 0)

struct ktl_instance {
  const ktl_host* host;
  ktl_call* earlier;
};

static ktl_str text(const char* words) {
  ktl_str borrowed = {words, strlen(words)};
  return borrowed;
}

static const char kNothing[] = "{\"schema\":\"ktl.findings/1\",\"findings\":[]}";

static void* sleeps(void* unused) {
  for (;;) {
    pause();
  }
  return unused;
}

/* What the process is left with. */
static void leave_traces(void) {
  if (IS("directory") && chdir("/") != 0) {
    abort();
  }
  if (IS("umask")) {
    umask(0);
  }
  if (IS("signals")) {
    signal(SIGUSR2, SIG_IGN);
  }
  if (IS("environment")) {
    setenv("PLANTED", "1", 1);
  }
  if (IS("locale")) {
    setlocale(LC_ALL, "C.UTF-8");
  }
  if (IS("prints") && write(1, "hello\n", 6) != 6) {
    abort();
  }
  if (IS("exits")) {
    _exit(0);
  }
  if (IS("crash")) {
    raise(SIGSEGV);
  }
}

static void say_much(const ktl_host* host, ktl_call* call) {
  static char mebibyte[1 << 20];
  if (IS("too-big")) {
    memset(mebibyte, ' ', sizeof mebibyte);
    ktl_str piece = {mebibyte, sizeof mebibyte};
    for (int i = 0; i < 1024; ++i) {
      host->write(call, piece);
    }
  }
  for (int i = 0; IS("flood") && i < 150000; ++i) {
    host->emit(call, text("flood/1"), text("{}"));
  }
  if (IS("bad-event")) {
    host->emit(call, text("no version"), text("{}"));
  }
}

/* A failure that breaks a rule; KTL_OK when that is not what is planted. */
static ktl_status fail_badly(const ktl_host* host, ktl_call* call) {
  if (IS("silent-failure")) {
    return KTL_ABORTED;
  }
  if (IS("unknown-code")) {
    return host->fail(call, 99, text("no such code"), text(""));
  }
  if (IS("bad-text")) {
    return host->fail(call, KTL_ABORTED, text("\xff"), text(""));
  }
  if (IS("write-after-fail")) {
    ktl_status code = host->fail(call, KTL_ABORTED, text("did not work"), text(""));
    host->write(call, text(kNothing));
    return code;
  }
  if (IS("ok-after-fail")) {
    host->fail(call, KTL_ABORTED, text("did not work"), text(""));
  }
  return KTL_OK;
}

static ktl_status scan(ktl_instance* self, ktl_call* call, ktl_str document) {
  (void)document;
  leave_traces();
  while (IS("hangs")) {
    pause();
  }
  if (IS("borrowed")) {
    close(self->host->cancel_fd(call));
  }
  if (IS("late-call") && self->earlier != NULL) {
    self->host->log(self->earlier, KTL_INFO, text("late"));
  }
  self->earlier = call;
  ktl_status code = fail_badly(self->host, call);
  if (code != KTL_OK || IS("ok-after-fail")) {
    return code;
  }
  say_much(self->host, call);
  self->host->write(call, text(IS("bad-json")       ? "{"
                               : IS("bad-document") ? "{\"schema\":\"ktl.findings/1\"}"
                                                    : kNothing));
  return KTL_OK;
}

static ktl_status create(const ktl_host* host, ktl_call* call, ktl_str config, ktl_instance** out) {
  static ktl_instance only;
  (void)config;
  if (IS("no-instance")) {
    return KTL_OK;
  }
  ktl_instance* self = IS("one-instance") ? &only : malloc(sizeof *self);
  if (self == NULL) {
    return host->fail(call, KTL_RESOURCE_EXHAUSTED, text("out of memory"), text(""));
  }
  self->host = host;
  self->earlier = NULL;
  if (IS("descriptors") && open("/dev/null", O_RDONLY) < 0) {
    abort();
  }
  *out = self;
  return KTL_OK;
}

__attribute__((unused)) static void destroy(ktl_instance* self) {
  pthread_t thread;
  if (IS("threads") && pthread_create(&thread, NULL, sleeps, NULL) != 0) {
    abort();
  }
  if (!IS("one-instance")) {
    free(self);
  }
}

static const ktl_scan_v1 kScan = {&scan};
#ifdef PLANT_UNLISTED
static const ktl_command_v1 kCommand = {&scan};
#define MORE {KTL_COMMAND_ID, &kCommand},
#else
#define MORE
#endif
static const ktl_interface kInterfaces[] = {{KTL_SCAN_ID, &kScan}, MORE{NULL, NULL}};

#ifdef PLANT_INCOMPLETE
#define DESTROY NULL
#else
#define DESTROY &destroy
#endif

#ifdef PLANT_EXPORTS
KTL_PLUGIN_EXPORT extern int planted_export;
int planted_export = 1;
#endif

KTL_PLUGIN_EXPORT extern const ktl_plugin_draft ktl_plugin_draft_entry;
const ktl_plugin_draft ktl_plugin_draft_entry = {ktl_headers_sha256, kInterfaces, &create, DESTROY};
