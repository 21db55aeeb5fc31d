// One build on a builder: the solve, its status stream, its session, its gate.
#pragma once

#include <atomic>
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
#include "gateway/attended.h"
#include "gateway/places.h"
#include "host.h"
#include "kept.h"
#include "ledger/definition.h"
#include "mailbox.h"
#include "progress.h"
#include "question.h"
#include "recording.h"
#include "services/content.h"
#include "services/filesync.h"
#include "session/session.h"
#include "solved.h"
#include "solving.h"
#include "watch.h"

namespace ktl::solver {

// Three calls on the client's channel: Solve, Status and Session.
// Thread rule: one thread; the destructor cancels what still runs.
class Build final : public Solving {
 public:
  // What a build is made with besides its plan. `asks`: policies, or rules of a fence, are there to
  // be asked while it runs.
  struct Ways {
    bool staging = false;
    bool asks = false;
    std::filesystem::path cache;
    json::value kept = nullptr;  // "kept" of solve-1; null: no lock
  };
  // Connects nothing yet. `info` is what the builder said of itself; `ways.cache` is a folder for
  // what must wait for the gates, and for digests of files. kNotFound: context or Dockerfile folder
  // is missing; kInvalidArgument: the plan. `client` and `host` must outlive the build.
  static Result<std::unique_ptr<Build>> make(ControlClient& client, Host& host, json::value plan,
                                             BuilderInfo info, const Ways& ways);
  ~Build() override;

  Status start() override;
  [[nodiscard]] const std::string& ref() const override { return request_.ref(); }
  Result<json::object> next(const TurnContext& context) override;
  Status resume(bool allow, const std::string& reason) override;

  // The pieces of next(), for who waits for several builds: publishes what has come and returns the
  // turn, if there is one. To be called when fd() is readable, and every 100 ms.
  Result<std::optional<json::object>> look(const TurnContext& context);
  void publish(const TurnContext& context);
  [[nodiscard]] int fd() const { return mailbox_.fd(); }
  // Tells the builder to stop, and publishes its last words: for 2 s at most.
  void stop(const TurnContext& context);

 private:
  Build(ControlClient& client, Host& host, json::value plan, BuilderInfo info, const Ways& ways);
  std::vector<Method> methods();
  std::unique_ptr<RemoteCall> start_call(const char* method, std::string message,
                                         std::function<void()> changed);
  void pour(const TurnContext& context);
  Status open_folders();
  Status open_layouts();
  void transferred(const Transfer& transfer);

  // What the builder asked about, and what becomes of a refusal.
  void watch();
  void heed(const TurnContext& context);
  void blame(json::object& error) const;
  void learn_places();
  void place(json::object& error);
  [[nodiscard]] bool is_genuine(Event& event) const;

  // Behind a fence: the steps are shown to ktl before anything is exported.
  [[nodiscard]] bool shows_steps() const;
  std::optional<json::object> steps_turn();
  void learn_runs();
  [[nodiscard]] bool is_foreign(const std::string& name, const std::string& vertex) const;
  void add_runs(json::array& steps, const std::vector<std::string>& provenance);
  void add_not_got(json::array& runs);

  // -i: what happens between the frontend's end and that of the build.
  void attend(const TurnContext& context);
  void await_failed_step(const TurnContext& context);
  Status open_shell(const std::string& details, const TurnContext& context);

  void settle();
  Result<json::object> gate_turn(const Root& root);
  Result<json::object> last_turn(const TurnContext& context);
  Result<json::object> success(const TurnContext& context);
  Result<json::object> failure(const TurnContext& context);
  void recall_failure();
  [[nodiscard]] std::vector<std::string> foreign() const;
  [[nodiscard]] bool over() const { return solve_->end() && status_->end(); }
  void limit_status();
  Result<std::string> read_blob(const std::string& digest, size_t limit);
  void add_steps(json::object& ended, const TurnContext& context);

  ControlClient& client_;
  Host& host_;
  const json::value plan_;
  const BuilderInfo info_;
  const Ways ways_;
  const std::string session_;
  moby::buildkit::v1::SolveRequest request_;

  Mailbox mailbox_;
  std::atomic<bool> solve_answered_ = false;
  Gate gate_;
  ContentService content_;
  Kept kept_;
  KeptBlobs kept_blobs_;
  ContentService kept_content_;
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
  int64_t began_ns_ = 0;  // since 1970
  bool status_seen_ = false;
  std::optional<int64_t> status_limit_ns_;  // when the status stream is given up
  std::map<std::string, Root> shown_;       // by digest: what stood at the gate
  std::optional<Question> question_;        // --call
  std::optional<Attended> attended_;        // -i, and behind a fence
  std::optional<Watch> watch_;              // when somebody is there to be asked
  std::optional<Recording> recording_;      // ktl lock
  Places places_;
  enum class Shown : uint8_t { kNot, kWaits, kAllowed };
  Shown steps_shown_ = Shown::kNot;
  std::optional<int64_t> steps_ready_ns_;
  std::optional<std::vector<PlannedRun>> runs_;
  std::vector<std::string> blamed_;  // steps of which one asked for what was refused, by digest
  std::optional<int64_t> refused_ns_;
  bool stopped_ = false;  // because of a refusal
  std::unique_ptr<RemoteCall> solve_;
  std::unique_ptr<RemoteCall> status_;
};

}  // namespace ktl::solver
