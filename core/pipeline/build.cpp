#include "core/pipeline/build.h"

#include "core/document/fields.h"

namespace ktl {
namespace {

constexpr size_t kTailLines = 20;

// The log of a failed step comes longer than it is shown: a secret at its cut beginning would not
// be known as one.
json::value with_short_tail(json::value error) {
  json::array tail = array_of(error, "log_tail");
  if (tail.size() > kTailLines) {
    tail.erase(tail.begin(), tail.end() - kTailLines);
    error.as_object()["log_tail"] = std::move(tail);
  }
  return error;
}

}  // namespace

void Build::say(std::string_view level, const std::string& text) const {
  publish("message/1", {{"level", level}, {"plugin", ""}, {"text", valid_utf8(text)}});
}

Status Build::fail(Failure failure) {
  const Redactor& redactor = setup_.bus.redactor();
  failure.status = redactor.clean(failure.status);
  failure.error = with_short_tail(redactor.clean(std::move(failure.error)));
  failures_.push_back(std::move(failure));
  return failures_.back().status;
}

}  // namespace ktl
