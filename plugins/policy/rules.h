// Rules in Rego as a policy of ktl.
#pragma once

#include <ktl/interfaces.hpp>
#include <memory>
#include <string>

#include "engine.h"
#include "gather.h"
#include "report.h"

namespace ktl::policy {

// What --policy, --policy-mode and --policy-report said.
struct Settings {
  std::vector<std::string> policies;
  std::string companion;  // Dockerfile.rego; empty: there is none
  bool warn = false;
  std::string report;  // empty: none
};

// The engine with rules in it.
struct Loaded {
  std::unique_ptr<Engine> engine;
  std::string digest;  // of all rules and data
};

// Gathers `places` and `companion`, starts the engine and has it load them.
Result<Loaded> load_rules(const std::vector<std::string>& places, const std::string& companion,
                          Tests tests, int cancel_fd);

// create() loads everything: rules that do not load are KTL_INVALID_ARGUMENT there and nowhere
// else. What goes wrong later is a refusal, in every mode.
class Rules final : public Policy, public Runner {
 public:
  Rules(Call& call, std::string_view config);

  std::string evaluate(Call& call, std::string_view judgement) override;
  std::string decide(Call& call, std::string_view question) override;
  std::string run(Call& call, std::string_view command) override;

 private:
  Result<Remarks> judge(const json::value& judgement);
  Result<Remarks> judge_question(const json::value& question);
  Result<Remarks> ask(const json::value& document, std::string_view only,
                      const std::string& dockerfile, int64_t timeout_ms);
  void write_report(Call& call);

  const Settings settings_;
  Loaded loaded_;
  Report report_;
};

}  // namespace ktl::policy
