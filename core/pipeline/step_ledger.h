// What is known of steps that came from a builder's cache.
#pragma once

#include <string>
#include <vector>

#include "core/pipeline/build.h"
#include "ledger/entry.h"

namespace ktl {

// How a RUN step, of "steps" in solved-1 or turn-1, is fenced as far as its ledger is concerned:
// "none" (it reached what the builder reaches), "network:none", "network:list" (requests by the
// builder's proxy, which asked ktl about each) or "network:locked" (the same, and ktl answered them
// with what its lock has).
std::string fence_of_step(const json::value& step);

// The ledger's line about a step that ran just now.
ledger::Entry entry_of_step(const Build& build, const json::value& step);

// Those of `steps` that came from the cache, and of which the ledger does not know that they ran
// behind this fence or a stricter one with requests that today's rules and policies allow.
std::vector<json::object> unknown_steps(const Build& build, const json::array& steps);

// Of a build with a lock: whether steps that ran just now got what the lock has for them. While
// several run, nobody can tell which of them asks; their lists tell it in the end.
// kPermissionDenied names step and URL.
Status check_requests(const Build& build, const json::array& steps);

// The stages of these steps by name, for the builder to run again; "*" when one cannot be named.
std::vector<std::string> stages_of(const Plan& plan, const std::vector<json::object>& steps);

}  // namespace ktl
