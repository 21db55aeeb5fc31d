#include "core/plugins/call.h"

#include <fcntl.h>
#include <string.h>

#include <algorithm>

namespace ktl {
namespace {

constexpr ktl_status kLastCode = KTL_UNAUTHENTICATED;

Code code_of(ktl_status code) {
  return code > KTL_OK && code <= kLastCode ? static_cast<Code>(code) : Code::kUnknown;
}

std::string bounded(std::string_view text) {
  return valid_utf8(text.substr(0, PluginCall::kMaxText));
}

const char* level_word(int32_t level) {
  switch (level) {
    case KTL_DEBUG:
      return "debug";
    case KTL_WARN:
      return "warn";
    case KTL_ERROR:
      return "error";
    default:
      return "info";
  }
}

}  // namespace

bool is_event_type(std::string_view type) {
  auto slash = type.rfind('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == type.size() ||
      type.size() > 64) {
    return false;
  }
  auto name = type.substr(0, slash);
  auto version = type.substr(slash + 1);
  return std::ranges::all_of(name,
                             [](char c) {
                               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                                      c == '.' || c == '-' || c == '_';
                             }) &&
         std::ranges::all_of(version, [](char c) { return c >= '0' && c <= '9'; });
}

PluginCall::~PluginCall() {
  if (limit_ != kMaxResult) {
    explicit_bzero(result_.data(), result_.capacity());
  }
}

void PluginCall::reserve_bytes(size_t limit) {
  limit_ = limit;
  result_.reserve(limit);
}

ktl_status PluginCall::fail(ktl_status code, std::string_view message, std::string_view next) {
  if (message.empty() || valid_utf8(message) != message || valid_utf8(next) != next) {
    report(Side::kPlugin, rules::kBadText, "failed with a message that is no UTF-8 text");
  }
  std::lock_guard lock(mutex_);
  // The first reason is the one nearest to the cause.
  if (failure_.ok()) {
    failure_ = Status(code_of(code), bounded(message)).advise(bounded(next));
  }
  return code == KTL_OK ? static_cast<ktl_status>(KTL_UNKNOWN) : code;
}

void PluginCall::write(std::string_view bytes) {
  std::lock_guard lock(mutex_);
  if (!failure_.ok()) {
    report(Side::kPlugin, rules::kWriteAfterFail, "wrote a result after it had failed");
  }
  if (bytes.size() > limit_ - result_.size()) {
    offend_locked(rules::kTooBig, limit_ == kMaxResult ? "wrote a result of more than 64 MiB"
                                                       : "wrote a value of more than 500 KiB");
    return;
  }
  result_.append(bytes);
}

void PluginCall::log(int32_t level, std::string_view message) {
  std::shared_lock lock(closing_);
  if (!closed_ && host_->publish) {
    host_->publish("message/1",
                   {{"level", level_word(level)}, {"plugin", plugin_}, {"text", bounded(message)}});
  }
}

void PluginCall::emit(std::string_view type, std::string_view body) {
  std::shared_lock closing(closing_);
  if (closed_ || !host_->publish) {
    return;
  }
  if (host_->checking != nullptr && ++events_ > kMaxEvents) {
    report(Side::kPlugin, rules::kFlood, "sent more than 100000 events in one call");
    return;
  }
  auto parsed = parse_json(body, kMaxEvent);
  if (is_event_type(type) && parsed.ok() && parsed->is_object()) {
    host_->publish(std::string(type), std::move(parsed->get_object()));
    return;
  }
  std::string why = parsed.ok() ? "its body must be a JSON object and its type NAME/VERSION"
                                : parsed.status().message();
  offend(rules::kBadEvent,
         "sent an event \"" + bounded(type.substr(0, 64)) + "\" that is none: " + why);
}

ktl_status PluginCall::note(const Status& status) {
  std::lock_guard lock(mutex_);
  note_ = status;
  return static_cast<ktl_status>(status.code());
}

void PluginCall::offend(std::string_view rule, std::string offence) {
  std::lock_guard lock(mutex_);
  offend_locked(rule, std::move(offence));
}

void PluginCall::offend_locked(std::string_view rule, std::string offence) {
  report(Side::kPlugin, rule, offence);
  if (offence_.empty()) {
    offence_ = std::move(offence);
  }
}

void PluginCall::report(Side side, std::string_view rule, std::string what) const {
  if (host_->checking != nullptr) {
    host_->checking->report({side, std::string(rule), what_, std::move(what)});
  }
}

void PluginCall::returned() {
  if (host_->checking != nullptr && fcntl(stop_.fd(), F_GETFD) < 0) {
    report(Side::kPlugin, rules::kBorrowed, "closed cancel_fd, which was only lent to it");
  }
  returned_.store(true, std::memory_order_release);
}

bool PluginCall::hears(std::string_view function) const {
  if (!returned_.load(std::memory_order_acquire)) {
    return true;
  }
  report(Side::kPlugin, rules::kLateCall,
         "used its call after the verb had returned: " + std::string(function));
  return false;
}

void PluginCall::close() {
  std::unique_lock lock(closing_);
  closed_ = true;
}

Status PluginCall::blame() const {
  return {Code::kInternal,
          "plugin " + plugin_ + " broke the plugin contract in " + what_ + ": it " + offence_};
}

Status PluginCall::outcome(ktl_status returned) {
  std::lock_guard lock(mutex_);
  if (returned < KTL_OK || returned > kLastCode) {
    report(Side::kPlugin, rules::kUnknownCode,
           "returned " + std::to_string(returned) + ", which is none of the codes");
  }
  if (!offence_.empty()) {
    return blame();
  }
  if (returned == KTL_OK && !failure_.ok()) {
    report(Side::kPlugin, rules::kOkAfterFail, "returned KTL_OK although it had failed");
  }
  if (returned != KTL_OK && failure_.ok() && code_of(returned) == note_.code()) {
    failure_ = std::move(note_);
  }
  if (returned == KTL_OK && failure_.ok()) {
    return {};
  }
  if (failure_.ok()) {
    offend_locked(rules::kSilentFailure,
                  "returned " + code_name(code_of(returned)) + " without saying why");
    return blame();
  }
  return Status(failure_).in("plugin " + plugin_);
}

}  // namespace ktl
