// --policy-report: everything the rules said of one build, as JSON or as SARIF 2.1.0.
#pragma once

#include <mutex>
#include <string>

#include "base/json.h"
#include "verdict.h"

namespace ktl::policy {

// Collects by phase; a phase that was judged stays. Thread rule: any.
class Report {
 public:
  explicit Report(std::string mode) : mode_(std::move(mode)) {}

  // `phase`: prepare, attest, live. Of live ones many come, and each thing is kept once.
  void add(const std::string& phase, const Remarks& remarks);
  // Whoever cannot judge has not passed.
  void fail(const std::string& phase, const std::string& why);
  // The text of the document, SARIF when `file` ends in .sarif or .sarif.json.
  [[nodiscard]] std::string text(const std::string& file) const;

 private:
  [[nodiscard]] json::object document() const;
  [[nodiscard]] json::object sarif() const;
  json::object& phase(const std::string& name);

  mutable std::mutex mutex_;
  const std::string mode_;
  bool failed_ = false;
  json::array phases_;
};

}  // namespace ktl::policy
