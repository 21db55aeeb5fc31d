#include "gate.h"

#include <utility>

#include "oci/media_types.h"

namespace ktl::solver {
namespace {

const Status kOver{Code::kCancelled, "the build is over"};

}  // namespace

Gate::Gate(bool result_is_index, std::function<void()> opened)
    : result_is_index_(result_is_index), opened_(std::move(opened)) {}

bool Gate::guards(const Root& root) const {
  return !result_is_index_ || oci::is_index_type(root.media_type);
}

Status Gate::pass(const Root& root) {
  if (!guards(root)) {
    return {};
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !waiting_ || aborted_; });
  if (aborted_) {
    return kOver;
  }
  waiting_ = root;
  opened_();
  changed_.wait(lock, [this] { return answer_.has_value() || aborted_; });
  waiting_.reset();
  const bool allow = std::exchange(answer_, std::nullopt).value_or(false);
  changed_.notify_all();
  if (aborted_) {
    return kOver;
  }
  if (!allow) {
    return {Code::kPermissionDenied, "refused by ktl: " + *refusal_};
  }
  allowed_.insert(root.digest);
  return {};
}

std::optional<Root> Gate::waiting() const {
  const std::lock_guard lock(mutex_);
  return answer_ ? std::nullopt : waiting_;
}

Status Gate::resume(bool allow, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (!waiting_ || answer_) {
    return {Code::kFailedPrecondition, "no gate is open"};
  }
  answer_ = allow;
  if (!allow) {
    refusal_ = reason;
  }
  changed_.notify_all();
  return {};
}

void Gate::abort() {
  const std::lock_guard lock(mutex_);
  aborted_ = true;
  changed_.notify_all();
}

bool Gate::allowed(const std::string& digest) const {
  const std::lock_guard lock(mutex_);
  return allowed_.contains(digest);
}

std::optional<std::string> Gate::refusal() const {
  const std::lock_guard lock(mutex_);
  return refusal_;
}

}  // namespace ktl::solver
