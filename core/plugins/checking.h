// Checking mode: who breaks the plugin contract, ktl or the plugin, and which rule.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace ktl {

// The rules by name; `ktl plugin check` prints them, docs/plugins.md explains them.
namespace rules {
// Of the plugin.
inline constexpr std::string_view kSilentFailure = "silent-failure";  // a code without fail
inline constexpr std::string_view kUnknownCode = "unknown-code";
inline constexpr std::string_view kOkAfterFail = "ok-after-fail";
inline constexpr std::string_view kWriteAfterFail = "write-after-fail";
inline constexpr std::string_view kLateCall = "late-call";  // a ktl_call after its verb returned
inline constexpr std::string_view kBadJson = "bad-json";
inline constexpr std::string_view kBadDocument = "bad-document";  // JSON, but not its schema
inline constexpr std::string_view kTooBig = "too-big";
inline constexpr std::string_view kBadEvent = "bad-event";
inline constexpr std::string_view kFlood = "flood";
inline constexpr std::string_view kBadText = "bad-text";  // no UTF-8, or nothing at all
inline constexpr std::string_view kException = "exception";
inline constexpr std::string_view kNoInstance = "no-instance";
inline constexpr std::string_view kHangs = "hangs";
inline constexpr std::string_view kBorrowed = "borrowed";  // closed what was only lent
// Of ktl.
inline constexpr std::string_view kSerial = "serial";      // two [serial] calls at once
inline constexpr std::string_view kThread = "thread";      // not on the plugin's own thread
inline constexpr std::string_view kLifetime = "lifetime";  // a verb before create or after destroy
inline constexpr std::string_view kBadInput = "bad-input";
}  // namespace rules

enum class Side { kHost, kPlugin };

struct Breach {
  Side side = Side::kPlugin;
  std::string rule;
  std::string verb;  // "ktl.scan/1 scan"
  std::string what;  // goes after "it "
};

// "plugin test.x misbehaved in ktl.scan/1 scan (late-call): it ...", or "ktl misbehaved towards
// plugin test.x ...".
std::string sentence_of(const Breach& breach, std::string_view plugin);

// Collects what is seen. A Host that has one is in checking mode: calls are kept beyond their end,
// so that late use of one is heard and no accident, and documents are judged on both sides.
// Thread rule: every method from any thread.
class Checking {
 public:
  void report(Breach breach);
  [[nodiscard]] std::vector<Breach> breaches() const;

 private:
  mutable std::mutex mutex_;
  std::vector<Breach> breaches_;  // at most one of a rule and verb
};

}  // namespace ktl
