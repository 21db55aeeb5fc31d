// What is said when a build is over.
#pragma once

#include <string>
#include <vector>

#include "cli/render/steps.h"
#include "core/events/event.h"

namespace ktl::cli {

// Collects from a build's events what its end needs. One thread at a time; nothing is printed.
class Report {
 public:
  void on_event(const Event& event);

  // For stdout, one line a receipt: "KIND DIGEST NAME [PATH]", e.g.
  //   store sha256:... docker.io/library/app:dev /home/u/.local/state/ktl/store
  [[nodiscard]] std::string results() const;

  // For stderr: steps, time, and once that RUN steps are not fenced when so.
  [[nodiscard]] std::string summary() const;

  // For stderr: why the build failed; empty when it did not.
  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  struct Receipt {
    std::string kind;
    std::string digest;
    std::string name;
    std::string path;
  };
  void take_message(const Event& event);
  void take_receipt(const Event& event);

  Steps steps_{false};
  std::vector<Receipt> receipts_;
  std::string failure_;
  std::string fence_note_;
  bool fence_said_ = false;
  int64_t duration_ns_ = 0;
  bool completed_ = false;
};

}  // namespace ktl::cli
