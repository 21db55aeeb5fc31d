#include "core/document/record.h"

#include "base/clock.h"

namespace ktl {
namespace {

json::array statements_to_json(const std::vector<StatementEntry>& statements) {
  json::array out;
  for (const auto& statement : statements) {
    json::object one{
        {"name", statement.name}, {"plugin", statement.plugin}, {"digest", statement.digest}};
    if (!statement.bundle.empty()) {
      one["bundle"] = {{"plugin", statement.signer}, {"digest", statement.bundle}};
    }
    out.emplace_back(std::move(one));
  }
  return out;
}

}  // namespace

json::object to_json(const Record& record) {
  json::array plugins;
  for (const auto& plugin : record.plugins) {
    plugins.emplace_back(
        json::object{{"id", plugin.id}, {"version", plugin.version}, {"sha256", plugin.sha256}});
  }
  json::object isolation = to_json(record.isolation);
  isolation.erase("schema");
  return {{"schema", "ktl.record/1"},
          {"id", record.id},
          {"ktl", record.ktl},
          {"started", rfc3339(record.started_ns)},
          {"ended", rfc3339(record.ended_ns)},
          {"outcome", record.outcome},
          {"exit", record.exit},
          {"plan_digest", record.plan_digest},
          {"builder", record.builder},
          {"plugins", std::move(plugins)},
          {"root", record.root},
          {"steps", record.steps},
          {"findings", record.findings},
          {"verdicts", record.verdicts},
          {"statements", statements_to_json(record.statements)},
          {"receipts", record.receipts},
          {"isolation", std::move(isolation)}};
}

}  // namespace ktl
