// One build on a builder: the solve, its status stream, its session, its gate.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "build_error.h"
#include "caches.h"
#include "control.pb.h"
#include "control/client.h"
#include "file_outputs.h"
#include "gate.h"
#include "host.h"
#include "mailbox.h"
#include "progress.h"
#include "services/content.h"
#include "services/filesync.h"
#include "session/session.h"
#include "solved.h"

namespace ktl::solver {

// Where a turn's events go and what ends it early.
struct TurnContext {
  std::function<void(const Event&)> emit;
  int cancel_fd = -1;  // readable: stop; borrowed
};

// Three calls on the client's channel: Solve, Status and Session.
// Thread rule: one thread; the destructor cancels what still runs.
class Build {
 public:
  // Connects nothing yet. `runs` are the platforms the builder can execute; `cache` is a folder for
  // what must wait for the gates. kNotFound: context or Dockerfile folder is missing;
  // kInvalidArgument: the plan. `client` and `host` must outlive the build.
  static Result<std::unique_ptr<Build>> make(ControlClient& client, Host& host, json::value plan,
                                             std::vector<std::string> runs, bool staging,
                                             const std::filesystem::path& cache);
  ~Build();
  Build(const Build&) = delete;
  Build& operator=(const Build&) = delete;

  // kUnavailable: the builder takes no session.
  Status start();
  [[nodiscard]] const std::string& ref() const { return request_.ref(); }

  // The next ktl.turn/1. kUnavailable: the builder went away; kCancelled: `cancel_fd` said so and
  // the builder was told; kFailedPrecondition: the builder finished with another root than it
  // showed.
  Result<json::object> next(const TurnContext& context);
  Status resume(bool allow, const std::string& reason);

 private:
  Build(ControlClient& client, Host& host, json::value plan, std::vector<std::string> runs,
        bool staging);
  std::vector<Method> methods();
  std::unique_ptr<RemoteCall> start_call(const char* method, std::string message);
  Status open_folders();
  Status open_layouts();
  void transferred(const Transfer& transfer);

  void publish(const TurnContext& context);
  void settle();
  Result<json::object> gate_turn(const Root& root);
  Result<json::object> last_turn();
  Result<json::object> success();
  Result<json::object> failure();
  Status cancel(const TurnContext& context);
  [[nodiscard]] std::vector<std::string> foreign() const;
  [[nodiscard]] bool over() const { return solve_->end() && status_->end(); }
  void limit_status();
  Result<std::string> read_blob(const std::string& digest, size_t limit);

  ControlClient& client_;
  Host& host_;
  const json::value plan_;
  const std::vector<std::string> runs_;
  const bool staging_;
  const std::string session_;
  moby::buildkit::v1::SolveRequest request_;

  Mailbox mailbox_;
  Gate gate_;
  ContentService content_;
  std::vector<std::unique_ptr<LayoutBlobs>> layouts_;  // --build-context oci-layout://
  std::vector<std::unique_ptr<ContentService>> layout_services_;
  Caches caches_;
  ContentStores stores_;
  SharedFolders folders_;
  FileOutputs outputs_;
  std::unique_ptr<Session> open_session_;
  ProgressLog log_;

  std::mutex transfer_mutex_;
  Status transfer_failure_;  // the first transfer that failed for a reason of ours
  CallEnd outcome_;          // of the solve
  Metadata metadata_;
  bool status_seen_ = false;
  std::optional<int64_t> status_limit_ns_;  // when the status stream is given up
  std::map<std::string, Root> shown_;       // by digest: what stood at the gate
  std::unique_ptr<RemoteCall> solve_;
  std::unique_ptr<RemoteCall> status_;
};

}  // namespace ktl::solver
