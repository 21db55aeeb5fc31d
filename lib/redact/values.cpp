#include "redact/values.h"

#include <utility>

#include "base/sha256.h"

namespace ktl::redact {

Result<Values::Added> Values::add(std::string_view value) {
  const std::string_view core = trimmed(value);
  const size_t pieces = pieces_of(core);
  if (pieces == 0) {
    return Added::kShort;
  }
  const std::lock_guard lock(mutex_);
  std::string hash = sha256_hex(core);
  if (known_.contains(hash)) {
    return Added::kTaken;
  }
  if (pieces_ + pieces > kMostPieces) {
    return Status(Code::kResourceExhausted,
                  "the secrets of this build are more than can be kept out of its output (1 MiB)")
        .advise("give the build only the secrets that its steps need");
  }
  known_.insert(std::move(hash));
  pieces_ += pieces;
  add_forms(core, patterns_);
  version_.fetch_add(1, std::memory_order_release);
  return Added::kTaken;
}

std::shared_ptr<const Matcher> Values::matcher() {
  const std::lock_guard lock(mutex_);
  const uint64_t now = version_.load(std::memory_order_relaxed);
  if (matcher_version_ != now) {
    matcher_ = std::make_shared<const Matcher>(patterns_);
    matcher_version_ = now;
  }
  return matcher_;
}

Register register_in(std::shared_ptr<Values> values) {
  return
      [values = std::move(values)](std::string_view value) { return values->add(value).status(); };
}

}  // namespace ktl::redact
