// One call into a plugin as the host sees it: what is behind the opaque ktl_call.
#pragma once

#include <ktl/plugin.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "core/plugins/checking.h"
#include "core/plugins/host.h"

// The opaque type of ktl/plugin.h; PluginCall is the only thing that is one.
struct ktl_call {};

namespace ktl {

// The caller's limits for one call. `cancel` may be null; both outlive the invocation.
struct CallContext {
  int64_t deadline_ns = INT64_MAX;      // CLOCK_MONOTONIC
  const CancelToken* cancel = nullptr;  // the build's
  int64_t grace_ns = 5'000'000'000;     // for a plugin that was told to stop
};

// Collects what the plugin says during the call. Thread rule: every method may be called from any
// thread; result() and outcome() only after the verb has returned.
class PluginCall : public ktl_call {
 public:
  static constexpr size_t kMaxResult = 64U << 20U;
  static constexpr size_t kMaxEvent = 1U << 20U;
  static constexpr size_t kMaxText = 64U << 10U;  // of a message for people

  static constexpr size_t kMaxEvents = 100'000;  // of one call, in checking mode

  // `what` names the verb: "ktl.scan/1 scan".
  PluginCall(std::string plugin, std::string what, std::shared_ptr<const Host> host,
             int64_t deadline_ns)
      : plugin_(std::move(plugin)),
        what_(std::move(what)),
        host_(std::move(host)),
        deadline_ns_(deadline_ns) {}
  ~PluginCall();
  PluginCall(const PluginCall&) = delete;
  PluginCall& operator=(const PluginCall&) = delete;

  static PluginCall& of(ktl_call* call) { return *static_cast<PluginCall*>(call); }

  // What the plugin calls, through ktl_host.
  ktl_status fail(ktl_status code, std::string_view message, std::string_view next);
  void write(std::string_view bytes);
  void log(int32_t level, std::string_view message);
  void emit(std::string_view type, std::string_view body);
  [[nodiscard]] int64_t deadline_ns() const { return deadline_ns_; }

  // Up when the plugin should stop.
  [[nodiscard]] CancelToken& stop() { return stop_; }
  [[nodiscard]] const std::string& plugin() const { return plugin_; }
  [[nodiscard]] const std::string& what() const { return what_; }
  [[nodiscard]] const Host& host() const { return *host_; }

  // A host service could not do what it was asked: the reason, should the plugin return its code
  // without a word of its own. Returns that code.
  ktl_status note(const Status& status);

  // Records that the plugin broke the contract, and fails the call; `offence` goes after "it ".
  void offend(std::string_view rule, std::string offence);

  // Reports what does not fail the call, in checking mode.
  void report(Side side, std::string_view rule, std::string what) const;

  // The verb has returned: whoever still uses this call is late, and is not heard.
  void returned();
  // Whether the plugin may use `function` of the host now; reports it when not.
  [[nodiscard]] bool hears(std::string_view function) const;

  // From now on nothing the plugin says is heard: the host no longer waits for it.
  void close();

  // Why the call failed, given what the verb returned; Ok when it did not.
  [[nodiscard]] Status outcome(ktl_status returned);
  // Moves the result out. The bytes are the only copy when reserve_bytes() was called before.
  [[nodiscard]] std::string take_result() { return std::move(result_); }
  // For a secret's value: one buffer that never moves, zeroed with the call; at most `limit` bytes.
  void reserve_bytes(size_t limit);

 private:
  [[nodiscard]] Status blame() const;
  void offend_locked(std::string_view rule, std::string offence);

  const std::string plugin_;
  const std::string what_;
  const std::shared_ptr<const Host> host_;
  const int64_t deadline_ns_;
  CancelToken stop_;

  std::shared_mutex closing_;  // held shared by what publishes, so that close() waits for it
  bool closed_ = false;
  std::atomic<bool> returned_ = false;
  std::atomic<size_t> events_ = 0;

  std::mutex mutex_;  // guards what follows
  std::string result_;
  size_t limit_ = kMaxResult;
  Status failure_;       // from fail
  Status note_;          // from a host service
  std::string offence_;  // a rule of the contract that the plugin broke
};

// "vertex.completed/1": words of lower-case letters, digits, dots and dashes, and a version.
bool is_event_type(std::string_view type);

// The table that every plugin is given.
const ktl_host& plugin_host_table();

}  // namespace ktl
