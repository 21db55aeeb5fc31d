// -i: a shell in the step that failed, before the build ends with that failure.
#include <poll.h>

#include "base/clock.h"
#include "build.h"
#include "gateway/shell.h"

namespace ktl::solver {
namespace {

// How long the step's end may come later than the error that it caused: another stream tells it.
constexpr int64_t kStepGraceNs = 1'000'000'000;
constexpr int kIdleMs = 20;

bool is_cancelled(const TurnContext& context) {
  pollfd wait{context.cancel_fd, POLLIN, 0};
  return context.cancel_fd >= 0 && ::poll(&wait, 1, 0) > 0;
}

}  // namespace

void Build::attend(const TurnContext& context) {
  const CallEnd end = *attended_->ended();
  const bool refused = watch_ && watch_->refusal();
  const bool wanted = !texts_of(plan_, "interactive").empty();
  if (wanted && !refused && !end.status.ok() && !end.lost && !is_cancelled(context)) {
    const Status status = open_shell(end.details, context);
    if (!status.ok() && status.code() != Code::kCancelled) {
      std::string text = "no shell: " + status.message();
      text += status.next().empty() ? "" : "; " + status.next();
      context.emit({"message/1", {{"level", "warn"}, {"text", valid_utf8(text)}}});
    }
  }
  attended_->finish();
}

// What the step said last is to stand above the shell.
void Build::await_failed_step(const TurnContext& context) {
  const int64_t limit = system_clock().monotonic_ns() + kStepGraceNs;
  pollfd wait{mailbox_.fd(), POLLIN, 0};
  publish(context);
  while (log_.failed_vertex().empty() && system_clock().monotonic_ns() < limit) {
    ::poll(&wait, 1, kIdleMs);
    publish(context);
  }
}

Status Build::open_shell(const std::string& details, const TurnContext& context) {
  KTL_ASSIGN(FailedStep step, failed_step(details));
  await_failed_step(context);
  const std::string name = log_.name_of(step.vertex);
  const std::vector<std::string> program = texts_of(plan_, "interactive");
  KTL_ASSIGN(const auto shell,
             Shell::open(client_.channel(), ref(), std::move(step), context.cancel_fd));
  KTL_ASSIGN(const TerminalLine line,
             host_.lend_terminal("step " + name + " failed; this is a shell in it, exit leaves"));
  Status status = shell->run(program, line, context.cancel_fd);
  if (status.code() == Code::kUnavailable) {
    return Status(status.code(), program.front() + " does not run there: " + status.message())
        .advise("--interactive-shell names another program");
  }
  return status;
}

}  // namespace ktl::solver
