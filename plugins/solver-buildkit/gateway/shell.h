// A shell in the state of a step that failed.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "gateway/failed_step.h"
#include "host.h"
#include "transport/channel.h"

namespace ktl::solver {

// One container of the gateway and one process in it, with a terminal. Bytes wait in neither
// direction beyond 64 KiB: who is slow slows the other. Thread rule: one thread.
class Shell final : private Duplex {
 public:
  // Makes the container of `step` in `build`, for at most a minute. `channel` must outlive the
  // shell. kCancelled: `cancel_fd` said so.
  static Result<std::unique_ptr<Shell>> open(Channel& channel, const std::string& build,
                                             FailedStep step, int cancel_fd);
  // Releases the container, which ends what runs in it.
  ~Shell() override;
  Shell(const Shell&) = delete;
  Shell& operator=(const Shell&) = delete;

  // Runs `program` on `line` until it ends, whatever its exit code. kUnavailable: it could not be
  // started, or the builder ended it; kCancelled: as above.
  Status run(const std::vector<std::string>& program, const TerminalLine& line, int cancel_fd);

 private:
  Shell(Channel& channel, std::string build, FailedStep step);
  std::optional<std::string> pull() override;
  Status push(std::string /*message*/) override { return {}; }
  [[nodiscard]] bool pushes() const override { return false; }
  void ended() override {}

  Result<CallEnd> call(const char* method, std::string message, int64_t patience_ms, int cancel_fd);
  void post(moby::buildkit::v1::frontend::ExecMessage message);
  [[nodiscard]] bool listens();
  void wake() const;
  void receive();
  void take(const moby::buildkit::v1::frontend::ExecMessage& message);
  bool type_in(int stream);
  void show(int stream);
  void resize(int sizes);
  [[nodiscard]] Status outcome() const;

  Channel& channel_;
  const std::string build_;
  const std::string name_;  // of the container, like no other of the daemon's; letters and digits
  FailedStep step_;
  const UniqueFd changed_;  // eventfd(2): something came, or the end
  std::mutex mutex_;
  std::deque<std::string> out_;  // guarded by mutex_
  std::string shown_;            // what is still to be written to the terminal
  bool told_ = false;            // the program has written something
  bool silent_ = false;          // and will write nothing more
  bool done_ = false;
  std::optional<moby::buildkit::v1::frontend::ExitMessage> exit_;
  std::unique_ptr<RemoteCall> call_;
};

}  // namespace ktl::solver
