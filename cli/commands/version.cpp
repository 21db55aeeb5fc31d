#include "base/json.h"
#include "cli/commands/command.h"
#include "cli/options/common_options.h"
#include "cli/options/parse.h"
#include "core/plugins/manifest.h"

namespace ktl::cli {

// Looks at no plugin, no file and no builder: scripts ask for the version often.
int run_version(const Invocation& invocation) {
  FlagSet flags(json_options());
  Result<Parsed> parsed = parse_flags(flags, invocation.args);
  if (!parsed.ok()) {
    return fail(invocation.console, parsed.status());
  }
  if (!parsed->words.empty()) {
    return fail(invocation.console, Status(Code::kInvalidArgument, "ktl version takes no operand"));
  }
  if (parsed->flags.empty()) {
    invocation.console.out("ktl " KTL_VERSION "\n");
    return 0;
  }
  json::object version = {{"ktl", KTL_VERSION},
                          {"abi", host_abi()},
                          {"compiler", KTL_COMPILER},
                          {"standard", __cplusplus}};
  invocation.console.out(pretty_json(version));
  return 0;
}

}  // namespace ktl::cli
