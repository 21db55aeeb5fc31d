// What is said when a build is over.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/render/groups.h"
#include "cli/render/step_log.h"
#include "cli/render/steps.h"
#include "core/events/event.h"

namespace ktl::cli {

// What the progress has not shown already.
struct Detail {
  bool log = false;       // all that the failed step wrote, not just its end
  bool warnings = false;  // each once
  bool receipts = false;  // what was made and where it is
  size_t columns = 0;     // names of steps are cut to fit; 0: they are not
};

// Collects from a build's events what its end needs. One thread at a time; nothing is printed.
class Report {
 public:
  void on_event(const Event& event);

  // For stdout, one line a receipt: "KIND DIGEST NAME [PATH]", e.g.
  //   store sha256:... docker.io/library/app:dev /home/u/.local/state/ktl/store
  [[nodiscard]] std::string results() const;

  // For stderr: warnings, once that RUN steps are not fenced when so, and of a build that was done
  //   Done in 12.3s: 4 of 9 steps cached
  //   - app:dev sha256:... in the store /home/u/.local/state/ktl/store
  //   - stages: build 8.2s, stage-1 0.3s
  //   - longest: 8.2s [build 3/6] RUN go build ./...
  // without any time when all was cached.
  [[nodiscard]] std::string summary(const Detail& detail) const;

  // For stderr: why the build failed; empty when it did not.
  [[nodiscard]] std::string failure(const Detail& detail) const;

 private:
  struct Receipt {
    std::string kind;
    std::string digest;
    std::string name;
    std::string path;
  };
  void note_step(const Event& event);
  void take_message(const Event& event);
  void take_receipt(const Event& event);
  void take_warning(const Event& event);
  [[nodiscard]] std::string done() const;
  [[nodiscard]] std::string times(size_t columns) const;

  Steps steps_{false};
  Groups groups_;
  StepLog logs_;
  std::vector<Receipt> receipts_;
  std::vector<std::string> warnings_;
  std::set<std::string> warned_;
  std::optional<json::object> failed_;
  std::string fence_note_;
  bool fence_said_ = false;
  int64_t duration_ns_ = 0;
  bool completed_ = false;
};

}  // namespace ktl::cli
