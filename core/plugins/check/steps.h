// The steps of check_plugin, each one to be run in a process of its own.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/plugins/check/check.h"
#include "core/plugins/check/child.h"
#include "core/plugins/host.h"
#include "core/plugins/manifest.h"

namespace ktl {

// What the steps need; `folders` are of no use to anybody else.
struct CheckGround {
  CheckSubject subject;
  Manifest manifest;
  PluginFolders folders;
};

// Says every breach as {"rule", "what"}, and what is no breach but worth a word as {"note"}.
struct CheckStep {
  std::string name;
  std::function<void(const CheckGround&, const Say&)> run;
};

std::vector<CheckStep> check_steps(const Manifest& manifest);

}  // namespace ktl
