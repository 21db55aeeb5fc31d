// The plugin: ktl.command/1 over command.h.
#include <ktl/plugin.hpp>

#include <string>

#include "base/json.h"
#include "command.h"

namespace ktl::secrets {

class SecretsCommand final : public Runner {
 public:
  SecretsCommand(Call& /*call*/, std::string_view /*config*/) {}

  std::string run(Call& call, std::string_view document) override {
    const auto command = parse_json(document);
    if (!command.ok()) {
      throw Error(KTL_INVALID_ARGUMENT, command.status().message());
    }
    const Result<CommandAnswer> answer = run_command(
        texts_of(*command, "args"), [&call](const std::string& line) { call.log(KTL_WARN, line); },
        [&call] { return call.cancelled(); });
    if (const Status status = answer.status(); !status.ok()) {
      const std::string place = status.where().empty() ? "" : status.where() + ": ";
      throw Error(static_cast<ktl_status>(status.code()), place + status.message(), status.next());
    }
    return json::serialize(json::object{{"exit", answer->exit}, {"stdout", answer->out}});
  }
};

}  // namespace ktl::secrets

KTL_PLUGIN(ktl::secrets::SecretsCommand)
