#include "core/plugins/call.h"

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

ktl_status PluginCall::fail(ktl_status code, std::string_view message, std::string_view next) {
  std::lock_guard lock(mutex_);
  // The first reason is the one nearest to the cause.
  if (failure_.ok()) {
    failure_ = Status(code_of(code), bounded(message)).advise(bounded(next));
  }
  return code == KTL_OK ? static_cast<ktl_status>(KTL_UNKNOWN) : code;
}

void PluginCall::write(std::string_view bytes) {
  std::lock_guard lock(mutex_);
  if (bytes.size() > kMaxResult - result_.size()) {
    offence_ = "wrote a result of more than 64 MiB";
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
  auto parsed = parse_json(body, kMaxEvent);
  if (is_event_type(type) && parsed.ok() && parsed->is_object()) {
    host_->publish(std::string(type), std::move(parsed->get_object()));
    return;
  }
  std::string why = parsed.ok() ? "its body must be a JSON object and its type NAME/VERSION"
                                : parsed.status().message();
  std::lock_guard lock(mutex_);
  offence_ = "sent an event \"" + bounded(type.substr(0, 64)) + "\" that is none: " + why;
}

ktl_status PluginCall::note(const Status& status) {
  std::lock_guard lock(mutex_);
  note_ = status;
  return static_cast<ktl_status>(status.code());
}

void PluginCall::offend(std::string offence) {
  std::lock_guard lock(mutex_);
  offence_ = std::move(offence);
}

void PluginCall::close() {
  std::unique_lock lock(closing_);
  closed_ = true;
}

Status PluginCall::blame(std::string_view what) const {
  return {Code::kInternal, "plugin " + plugin_ + " broke the plugin contract in " +
                               std::string(what) + ": it " + offence_};
}

Status PluginCall::outcome(ktl_status returned, std::string_view what) {
  std::lock_guard lock(mutex_);
  if (!offence_.empty()) {
    return blame(what);
  }
  if (returned != KTL_OK && failure_.ok() && code_of(returned) == note_.code()) {
    failure_ = std::move(note_);
  }
  if (returned == KTL_OK && failure_.ok()) {
    return {};
  }
  if (failure_.ok()) {
    offence_ = "returned " + code_name(code_of(returned)) + " without saying why";
    return blame(what);
  }
  return Status(failure_).in("plugin " + plugin_);
}

}  // namespace ktl
