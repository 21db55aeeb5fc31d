#include "core/pipeline/build.h"

namespace ktl {

void Build::say(std::string_view level, const std::string& text) const {
  publish("message/1", {{"level", level}, {"plugin", ""}, {"text", valid_utf8(text)}});
}

Status Build::fail(Failure failure) {
  failures_.push_back(std::move(failure));
  return failures_.back().status;
}

}  // namespace ktl
