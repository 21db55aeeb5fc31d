#include "core/pipeline/statements.h"

#include <algorithm>

#include "base/base64.h"
#include "base/fd.h"
#include "base/sha256.h"
#include "core/document/fields.h"
#include "core/pipeline/contract.h"

namespace ktl {
namespace {

constexpr size_t kMaxPayload = 64U << 20U;

json::object subject_of(const Build& build) {
  return {{"schema", "ktl.subject/1"},
          {"plan", build.plan_document},
          {"solved", build.solved},
          {"isolation", to_json(build.isolation)},
          {"findings", build.findings}};
}

Status twice(Build& build, const std::string& name, const std::string& one,
             const StagePlugin& other) {
  Status status(Code::kAlreadyExists,
                other.identity().id + " makes a statement " + name + ", and so did " + one);
  return build.fail({Stage::kAttest, std::move(status).advise("switch one of them off"),
                     Cause::kPlugin, other.identity().id});
}

// Writes a document into a folder of the evidence; its digest.
Result<std::string> keep(const Build& build, const char* folder, const std::string& name,
                         const json::object& document) {
  const std::filesystem::path path = build.evidence_folder() / folder / name;
  const std::string text = json::serialize(document);
  if (Status status = write_file_atomic(path, text); !status.ok()) {
    return std::move(status).at(path);
  }
  return digest_of(text);
}

Status add(Build& build, const StagePlugin& plugin, const json::value& made) {
  Statement statement;
  statement.entry.name = text_of(made, "name");
  statement.entry.plugin = plugin.identity().id;
  const std::string& name = statement.entry.name;
  for (const Statement& other : build.statements) {
    if (other.entry.name == name) {
      return twice(build, name, other.entry.plugin, plugin);
    }
  }
  statement.statement = build.setup().bus.redactor().clean(object_of(made, "statement"));
  KTL_ASSIGN(statement.entry.digest, keep(build, "statements", name, statement.statement));
  build.publish("statement/1",
                {{"name", name},
                 {"plugin", statement.entry.plugin},
                 {"digest", statement.entry.digest},
                 {"path", (build.evidence_folder() / "statements" / name).string()}});
  build.statements.push_back(std::move(statement));
  return {};
}

// What was judged is what was signed, and nothing else goes along.
Status check_envelope(const Build& build, const Statement& statement, const json::value& envelope) {
  const json::object bundle = object_of(envelope, "bundle");
  const json::object dsse = object_of(bundle, "dsseEnvelope");
  if (text_of(envelope, "name") != statement.entry.name) {
    return {Code::kDataLoss, "the envelope is of another statement"};
  }
  KTL_ASSIGN(const std::string payload, base64_decode(text_of(dsse, "payload")));
  const auto signed_text = parse_json(payload, kMaxPayload);
  if (!signed_text.ok() || *signed_text != json::value(statement.statement)) {
    return {Code::kDataLoss, "what was signed is not the statement"};
  }
  return build.setup().bus.redactor().clean(bundle) == bundle
             ? Status()
             : Status(Code::kDataLoss, "the envelope holds a secret");
}

Status take_envelope(Build& build, const StagePlugin& signer, Statement& statement,
                     const json::value& envelope) {
  if (Status status = check_envelope(build, statement, envelope); !status.ok()) {
    return std::move(status).in(signer.identity().id + " signed " + statement.entry.name);
  }
  KTL_ASSIGN(statement.entry.bundle,
             keep(build, "bundles", statement.entry.name, object_of(envelope, "bundle")));
  statement.entry.signer = signer.identity().id;
  return {};
}

// The maker first, then the others in their order.
std::vector<StagePlugin*> signers_of(const Build& build, const Statement& statement) {
  std::vector<StagePlugin*> signers = build.setup().plugins.attesters;
  std::ranges::stable_partition(signers, [&](const StagePlugin* plugin) {
    return plugin->identity().id == statement.entry.plugin;
  });
  return signers;
}

// kUnimplemented: the plugin does not sign, whether its verb is NULL or says so.
Status sign_with(Build& build, StagePlugin& signer, Statement& statement) {
  const json::object document{{"schema", "ktl.statement/1"},
                              {"name", statement.entry.name},
                              {"statement", statement.statement}};
  auto envelope = call_quietly(build, signer, contracts::kSign, document);
  Status status = envelope.ok() ? take_envelope(build, signer, statement, *envelope)
                                : std::move(envelope).status();
  if (status.ok() || (status.code() == Code::kUnimplemented && !signer.gone())) {
    return status;
  }
  return fail_for(build, Stage::kAttest, signer, std::move(status));
}

Status sign(Build& build, Statement& statement) {
  for (StagePlugin* signer : signers_of(build, statement)) {
    Status status = sign_with(build, *signer, statement);
    if (status.ok() || status.code() != Code::kUnimplemented) {
      return status;
    }
  }
  build.say("warn", "statement " + statement.entry.name + " is not signed: no plugin signs");
  return {};
}

}  // namespace

Status make_statements(Build& build) {
  const auto& plugins = build.setup().plugins.attesters;
  if (plugins.empty()) {
    return {};
  }
  const json::object subject = subject_of(build);
  for (StagePlugin* plugin : plugins) {
    KTL_ASSIGN(json::value made, call(build, Stage::kAttest, *plugin, contracts::kAttest, subject));
    for (const json::value& one : array_of(made, "statements")) {
      KTL_TRY(add(build, *plugin, one));
    }
  }
  if (!build.statements.empty()) {
    build.say("info", "statements about this build are in " + build.evidence_folder().string());
  }
  return {};
}

Status sign_statements(Build& build) {
  for (Statement& statement : build.statements) {
    KTL_TRY(sign(build, statement));
  }
  return {};
}

}  // namespace ktl
