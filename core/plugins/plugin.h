// A plugin that is loaded and can be called.
#pragma once

#include <ktl/plugin.h>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "core/document/validate.h"
#include "core/plugins/call.h"
#include "core/plugins/invocation.h"
#include "core/plugins/manifest.h"
#include "core/plugins/verbs.h"
#include "core/plugins/worker.h"

namespace ktl {

// What was loaded, or linked in by a test.
struct PluginCode {
  Manifest manifest;
  const ktl_plugin_draft* entry = nullptr;
  std::string path;    // empty when linked in
  std::string sha256;  // of the file, 64 hex digits; empty when linked in
};

// One plugin with its one instance. Thread rule: every method may be called from any thread; calls
// wait for one another, as [serial] promises the plugin. All of a plugin's code runs on a thread of
// its own, so that a call that does not come back cannot take the build with it.
class Plugin {
 public:
  Plugin(PluginCode code, std::shared_ptr<const Host> host);
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;
  // Calls the plugin's destroy and waits for it, for at most five seconds.
  ~Plugin();

  [[nodiscard]] const Manifest& manifest() const { return code_.manifest; }
  [[nodiscard]] const std::string& id() const { return code_.manifest.id; }
  [[nodiscard]] const std::string& path() const { return code_.path; }
  [[nodiscard]] const std::string& sha256() const { return code_.sha256; }
  [[nodiscard]] bool provides(std::string_view interface_id) const;

  // Makes the instance. `config` is what the user wrote: it is judged by the manifest's schema
  // (kInvalidArgument, with the place that `locate` knows) and completed by its defaults before
  // the plugin sees it.
  Status create(const json::value& config, const CallContext& context, const Locator& locate = {});
  // The two halves of create(), for who makes several: each once, in this order.
  Status begin_create(const json::value& config, int64_t deadline_ns, const Locator& locate);
  Status end_create(const CallContext& context);
  // What the destructor then only waits for.
  void begin_destroy();

  // Calls a verb: one document in, the result document out, null when the plugin wrote none.
  // Failures name the plugin: its own with its code; kInternal when it broke the contract;
  // kDeadlineExceeded and kCancelled when it was given up, after which every call fails;
  // kUnimplemented when it has no such verb; kFailedPrecondition without create.
  Result<json::value> invoke(const Verb& verb, const json::value& document,
                             const CallContext& context);

  // Calls a verb whose result is a secret's value (Verb::bytes): at most 500 KiB, zeroed when they
  // go. Failures as invoke's.
  Result<SecretBytes> invoke_bytes(const Verb& verb, const json::value& document,
                                   const CallContext& context);
  // create() and invoke() for those who do not wait: `done` runs on the plugin's thread, once, with
  // the result as the plugin wrote it. The caller keeps an eye on the time (the deadline is only
  // told) and stops a call through what is returned. `config` has been judged and completed before.
  Result<std::shared_ptr<Invocation>> start_create(std::string config, int64_t deadline_ns,
                                                   Invocation::Done done);
  Result<std::shared_ptr<Invocation>> start(const Verb& verb, std::string document,
                                            int64_t deadline_ns, Invocation::Done done);

 private:
  using Body = std::function<ktl_status(ktl_call*)>;

  Result<ktl_verb> find_verb(const Verb& verb) const;
  Result<Body> body_of(const Verb& verb, const json::value& document) const;
  Result<std::shared_ptr<Invocation>> call(const std::string& what, const CallContext& context,
                                           Body body, bool bytes = false);
  Result<std::shared_ptr<Invocation>> call_verb(const Verb& verb, const json::value& document,
                                                const CallContext& context);
  void keep(std::shared_ptr<Invocation> invocation);
  [[nodiscard]] Body watched(Body body) const;

  // Who is inside the plugin; outlives this object when a call never comes back.
  struct Door {
    std::atomic<int> inside = 0;
    std::atomic<std::thread::id> thread;
  };

  PluginCode code_;
  std::shared_ptr<const Host> host_;
  std::mutex serial_;  // held during a call
  Worker worker_;
  std::shared_ptr<Door> door_ = std::make_shared<Door>();
  std::atomic<ktl_instance*> instance_ = nullptr;
  std::shared_ptr<Invocation> creating_;  // begun and not ended
  std::shared_ptr<ktl_instance*> made_;   // shared with the worker, which may outlive this object
  std::shared_ptr<Invocation> destroying_;
  bool gave_up_ = false;
  std::mutex ended_mutex_;
  std::deque<std::shared_ptr<Invocation>> ended_;  // a plugin may still use the call of one
};

// The configuration that a plugin is created with: `config` is what the user wrote, judged by the
// manifest's schema (kInvalidArgument, with the place that `locate` knows) and completed.
Result<std::string> complete_config(const Manifest& manifest, const json::value& config,
                                    const Locator& locate);

// kFailedPrecondition unless the entry offers what the manifest promises, and nothing is missing:
// a sentence that names the plugin. Calls nothing.
Status check_entry(const PluginCode& code);

}  // namespace ktl
