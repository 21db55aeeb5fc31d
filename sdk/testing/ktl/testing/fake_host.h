// A ktl for the tests of one plugin, without ktl: header-only, C++20.
//
//   extern "C" const ktl_plugin_draft my_plugin_entry;        // its static twin
//   ktl::testing::FakeHost host(my_plugin_entry);
//   ASSERT_EQ(host.create("{}"), KTL_OK);
//   EXPECT_EQ(host.call(KTL_SCAN_ID, &ktl_scan_v1::scan, solved), KTL_OK);
//   EXPECT_EQ(host.result(), R"({"schema":"ktl.findings/1","findings":[]})");
//
// It hears everything the plugin says and judges nothing: config is passed on as it is.
#pragma once

#include <ktl/plugin.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace ktl::testing {

// One plugin with one instance, destroyed with this object. Thread rule: create, call and the
// getters from one thread; the plugin may talk from any.
class FakeHost {
 public:
  struct Event {
    std::string type;
    std::string body;
  };
  struct Line {
    int32_t level;
    std::string text;
  };

  explicit FakeHost(const ktl_plugin_draft& plugin)
      : plugin_(plugin), stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;
  ~FakeHost() {
    if (instance_ != nullptr) {
      plugin_.destroy(instance_);
    }
    ::close(stop_);
  }

  // A service that the plugin finds by `id`; the table must outlive this object.
  void offer(const std::string& id, const void* table) { services_[id] = table; }
  void set_deadline_ns(int64_t deadline_ns) { deadline_ns_ = deadline_ns; }
  // From now on calls are asked to stop.
  void cancel() {
    cancelled_ = true;
    eventfd_write(stop_, 1);
  }

  // Each call forgets what the one before wrote and failed with; events and lines are kept.
  ktl_status create(std::string_view config) {
    forget();
    return plugin_.create(&table(), handle(), text(config), &instance_);
  }
  template <class Table>
  ktl_status call(std::string_view interface_id, ktl_verb Table::* verb,
                  std::string_view document) {
    forget();
    for (const auto* at = plugin_.interfaces; at->id != nullptr; ++at) {
      if (interface_id == at->id) {
        return (static_cast<const Table*>(at->table)->*verb)(instance_, handle(), text(document));
      }
    }
    return KTL_UNIMPLEMENTED;
  }

  [[nodiscard]] const std::string& result() const { return result_; }
  [[nodiscard]] ktl_status code() const { return code_; }  // of fail; KTL_OK when it was not called
  [[nodiscard]] const std::string& message() const { return message_; }
  [[nodiscard]] const std::string& next() const { return next_; }
  [[nodiscard]] const std::vector<Event>& events() const { return events_; }
  [[nodiscard]] const std::vector<Line>& lines() const { return lines_; }

 private:
  // The plugin never looks behind a ktl_call, so this object can be one.
  ktl_call* handle() { return reinterpret_cast<ktl_call*>(this); }
  static FakeHost& of(ktl_call* call) { return *reinterpret_cast<FakeHost*>(call); }
  static ktl_str text(std::string_view view) { return {view.data(), view.size()}; }
  static std::string copy(ktl_str view) {
    return {view.data == nullptr ? "" : view.data, view.size};
  }

  void forget() {
    result_.clear();
    message_.clear();
    next_.clear();
    code_ = KTL_OK;
  }

  static const ktl_host& table() {
    static const ktl_host table = {
        [](ktl_call* call, ktl_status code, ktl_str message, ktl_str next) {
          FakeHost& self = of(call);
          std::lock_guard lock(self.mutex_);
          self.code_ = code;
          self.message_ = copy(message);
          self.next_ = copy(next);
          return code;
        },
        [](ktl_call* call, ktl_str bytes) {
          std::lock_guard lock(of(call).mutex_);
          of(call).result_ += copy(bytes);
        },
        [](ktl_call* call, int32_t level, ktl_str message) {
          std::lock_guard lock(of(call).mutex_);
          of(call).lines_.push_back({level, copy(message)});
        },
        [](ktl_call* call, ktl_str type, ktl_str body) {
          std::lock_guard lock(of(call).mutex_);
          of(call).events_.push_back({copy(type), copy(body)});
        },
        [](ktl_call* call) -> int32_t { return of(call).cancelled_ ? 1 : 0; },
        [](ktl_call* call) -> int32_t { return of(call).stop_; },
        [](ktl_call* call) -> int64_t { return of(call).deadline_ns_; },
        [](ktl_call* call, ktl_str id) -> const void* {
          auto found = of(call).services_.find(copy(id));
          return found == of(call).services_.end() ? nullptr : found->second;
        }};
    return table;
  }

  const ktl_plugin_draft& plugin_;
  const int stop_;
  std::atomic<bool> cancelled_ = false;
  int64_t deadline_ns_ = INT64_MAX;
  std::map<std::string, const void*> services_;
  ktl_instance* instance_ = nullptr;

  std::mutex mutex_;  // guards what follows while a call runs
  std::string result_;
  ktl_status code_ = KTL_OK;
  std::string message_;
  std::string next_;
  std::vector<Event> events_;
  std::vector<Line> lines_;
};

}  // namespace ktl::testing
