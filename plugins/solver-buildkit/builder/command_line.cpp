#include "builder/command_line.h"

#include <array>

namespace ktl::builder {
namespace {

constexpr std::array<SubcommandRow, 8> kCommands = {{
    {"ls", "list the private builders of this user"},
    {"inspect", "show one of them"},
    {"start", "start it, or do nothing when it runs"},
    {"stop", "wait for the builds that use it, then stop it; its state is kept"},
    {"du", "show what its cache holds"},
    {"prune", "remove what no build is using from its cache"},
    {"supervise", "run it in the foreground, as `start` does in the background"},
    {"help", "show this"},
}};

constexpr std::array<SubcommandOption, 14> kOptions = {{
    {"trust", "ZONE", "inspect start stop du prune supervise",
     "the builder of that trust zone (default)"},
    {"network", "PROFILE", "inspect start stop du prune supervise",
     "the one with that network: internet (default), none, host, allow:HOST[:PORT],..."},
    {"json", "", "ls inspect du prune", "the same as JSON"},
    {"idle", "SECONDS", "start supervise", "how long it stays after its last build"},
    {"timeout", "SECONDS", "stop", "how long to wait for builds that use it (60)"},
    {"force", "", "stop", "do not wait: builds that use it fail"},
    {"all", "", "stop prune", "stop: every zone; prune: internal and frontend images as well"},
    {"filter", "FILTER", "du prune", "only these records, as buildctl's: type==exec.cachemount"},
    {"keep-storage", "SIZE", "prune", "stop removing when this much is left: 2GB"},
    {"older-than", "SECONDS", "prune", "only what was not used for that long"},
    {"order", "FILE", "supervise", ""},
    {"ready-fd", "FD", "supervise", ""},
    {"start-lock-fd", "FD", "supervise", ""},
    {"help", "", "ls inspect start stop du prune supervise help", "show this"},
}};

constexpr SubcommandTable kTable = {"ktl builder", "the private builder's life by hand", kCommands,
                                    kOptions};

}  // namespace

Result<CommandLine> parse_command_line(const std::vector<std::string>& words) {
  return parse_subcommand(kTable, words);
}

std::string command_help() { return subcommand_help(kTable); }

}  // namespace ktl::builder
