#include "core/pipeline/contract.h"

#include "core/document/schemas.h"

namespace ktl {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

CallContext context_of(const Build& build, const Contract& contract) {
  CallContext context;
  if (contract.seconds > 0) {
    context.deadline_ns = build.setup().clock.monotonic_ns() + contract.seconds * kNsPerSecond;
  }
  context.cancel = contract.heeds_cancel ? &build.setup().cancel : nullptr;
  return context;
}

Status check(const char* schema, const json::value& document, const std::string& who) {
  if (*schema == '\0') {
    return {};
  }
  Status status = check_document(schema, document);
  return status.ok() ? Status() : Status(Code::kInternal, who + ": " + status.message());
}

}  // namespace

Result<json::value> call_quietly(const Build& build, StagePlugin& plugin, const Contract& contract,
                                 const json::value& document) {
  const std::string who = plugin.identity().id + " " + contract.verb.name;
  KTL_TRY(check(contract.verb.in, document, "the document for " + who));
  KTL_ASSIGN(json::value result,
             plugin.invoke(contract.verb, document, context_of(build, contract)));
  KTL_TRY(check(contract.verb.out, result, "the answer of " + who));
  return result;
}

Status fail_for(Build& build, Stage stage, const StagePlugin& plugin, Status status) {
  const Cause cause = plugin.gone() ? Cause::kPlugin : Cause::kStatus;
  return build.fail({stage, std::move(status), cause, plugin.identity().id});
}

Result<json::value> call(Build& build, Stage stage, StagePlugin& plugin, const Contract& contract,
                         const json::value& document) {
  auto result = call_quietly(build, plugin, contract, document);
  if (!result.ok()) {
    return fail_for(build, stage, plugin, result.status());
  }
  return result;
}

}  // namespace ktl
