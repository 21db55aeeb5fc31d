// One build on its way through the stages.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "core/document/isolation.h"
#include "core/document/plan.h"
#include "core/document/record.h"
#include "core/document/request.h"
#include "core/events/bus.h"
#include "core/pipeline/cleanup.h"
#include "core/pipeline/dockerfile_task.h"
#include "core/pipeline/failure.h"
#include "core/pipeline/fence.h"
#include "core/pipeline/plugins.h"

namespace ktl {

class LockedContent;

// What a build is given. Everything in it outlives the build.
struct BuildSetup {
  const Request& request;
  const StagePlugins& plugins;
  Bus& bus;  // its name is the build's id
  const CancelToken& cancel;
  std::filesystem::path state;  // $XDG_STATE_HOME/ktl: records go below it
  std::string version;          // of ktl
  const Clock& clock = system_clock();
  // Asks whoever reads Dockerfiles.
  ReadDockerfile read_dockerfile = [](const json::value& order, const CallContext&) {
    return read_dockerfile_here(order);
  };
  std::filesystem::path cache = {};  // $XDG_CACHE_HOME/ktl: what solvers wrote lies below it
  ClientFence fence = {};            // around whoever reads Dockerfile and context
  // Reads one environment variable of the user's; empty when unset.
  std::function<std::string(const char*)> getenv = [](const char*) { return std::string(); };
  std::function<void(std::string)> admit_builder = {};  // told which ways will be opened
  std::function<void(const Plan&)> planned = {};        // told once, when the Plan is made
  // Told who makes ready what the policies have allowed, of a build with a ktl.lock.
  std::function<void(std::function<Status(const json::value& question)>)> serve = {};
  std::function<void()> worked_off = {};  // told once, when no plugin is needed any more
};

// What an attest plugin stated, and what is known of its file.
struct Statement {
  json::object statement;  // in-toto
  StatementEntry entry;
};

// What the stages hand on. Each field is written by the stage named beside it and only read after
// that. Thread rule: one thread.
class Build {
 public:
  explicit Build(const BuildSetup& setup)
      : setup_(setup), started_ns_(setup.clock.monotonic_ns()) {}

  [[nodiscard]] const BuildSetup& setup() const { return setup_; }
  [[nodiscard]] const Request& request() const { return setup_.request; }
  [[nodiscard]] int64_t started_ns() const { return started_ns_; }
  // What is kept beside the Record.
  [[nodiscard]] std::filesystem::path evidence_folder() const {
    return setup_.state / "records" / setup_.bus.build();
  }
  [[nodiscard]] std::filesystem::path record_file() const {
    return setup_.state / "records" / (setup_.bus.build() + ".json");
  }

  // Events.
  void publish(std::string_view type, json::object body) const {
    setup_.bus.publish(type, std::move(body));
  }
  void say(std::string_view level, const std::string& text) const;

  // Records a failure, without the secrets it may tell, and returns its status, so that a stage can
  // `return build.fail(...)`. A stage that returns a status without it is blamed itself.
  Status fail(Failure failure);
  [[nodiscard]] const std::vector<Failure>& failures() const { return failures_; }

  Plan plan;                            // prepare
  json::object plan_document;           // prepare
  std::string plan_digest;              // prepare
  bool staging = false;                 // prepare: whether the result is held at the gate
  std::vector<StagePlugin*> exporters;  // prepare: those that want what is staged
  Isolation isolation;                  // sandbox: as expected; attest: as it was
  std::vector<json::object> leases;     // solve: of builders that ktl keeps itself
  json::object features;                // solve: the builder
  json::array members;                  // solve: how its daemons are reached (builder-1)
  std::shared_ptr<LockedContent> held;  // solve: what the plan's lock gives; null without one
  std::string handle;                   // solve: the build, towards the solver
  bool gate_open = false;               // solve; answered by export, or by the cleanup
  json::object solved;                  // solve: what was gated; export adds the metadata
  json::array steps;                    // solve or export, when the builder is done
  json::array findings;                 // prepare, scan
  json::array verdicts;                 // prepare, attest: what policies said
  std::vector<Statement> statements;    // attest
  json::array receipts;                 // export
  bool exported = false;                // export: everything is visible, nothing is to be undone
  Cleanup cleanup;                      // any stage

 private:
  const BuildSetup& setup_;
  const int64_t started_ns_;
  std::vector<Failure> failures_;
};

}  // namespace ktl
