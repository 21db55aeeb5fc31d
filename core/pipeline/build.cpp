#include "core/pipeline/build.h"

namespace ktl {

void Build::say(std::string_view level, std::string text) const {
  publish("message/1", {{"level", level}, {"plugin", ""}, {"text", std::move(text)}});
}

Status Build::fail(Failure failure) {
  failures_.push_back(std::move(failure));
  return failures_.back().status;
}

}  // namespace ktl
