#include "rules.h"

#include "commands.h"
#include "http/redirect.h"
#include "question.h"

namespace ktl::policy {
namespace {

constexpr int64_t kLoadMs = 60'000;
constexpr int64_t kWholeMs = 30'000;
constexpr int64_t kLiveMs = 5'000;
constexpr int64_t kGraceMs = 2'000;  // in which the engine itself says that it was stopped
constexpr size_t kMaxDocument = 64U << 20U;

// Failures leave the plugin as exceptions, at its verbs and nowhere else.
[[noreturn]] void raise(const Status& status, Code code) {
  const std::string where = status.where().empty() ? "" : status.where() + ": ";
  throw Error(static_cast<ktl_status>(code), where + status.message(), status.next());
}

template <class T>
T value_of(Result<T> result) {
  if (!result.ok()) {
    raise(result.status(), result.status().code());
  }
  return *std::move(result);
}

Settings settings_of(std::string_view config) {
  const json::value document = value_of(parse_json(config));
  return {.policies = texts_of(document, "policies"),
          .companion = std::string(text_of(document, "companion")),
          .warn = text_of(document, "mode") == "warn",
          .report = std::string(text_of(document, "report"))};
}

Fetch fetch_over(int cancel_fd) {
  return [cancel_fd](const std::string& url, size_t limit) -> Result<std::string> {
    http::Client client(cancel_fd);
    http::Request request;
    request.url = url;
    request.response_limit = static_cast<int64_t>(limit);
    request.timeout_ms = kLoadMs;
    KTL_ASSIGN(http::Response answer, http::send_and_follow(client, std::move(request)));
    if (!answer.ok()) {
      return Status(Code::kUnavailable, "the server answers " + std::to_string(answer.status));
    }
    return std::move(answer.body);
  };
}

Loaded load(const Settings& settings, int cancel_fd) {
  return settings.policies.empty() && settings.companion.empty()
             ? Loaded()
             : value_of(
                   load_rules(settings.policies, settings.companion, Tests::kLeftOut, cancel_fd));
}

std::string dockerfile_of(const json::value& judgement) {
  const json::value* plan = field_of(judgement, "plan");
  const json::value* file = plan == nullptr ? nullptr : field_of(*plan, "dockerfile");
  return file == nullptr ? "Dockerfile" : std::string(text_of(*file, "name", "Dockerfile"));
}

void append(json::array& into, json::array from) {
  into.insert(into.end(), from.begin(), from.end());
}

// A rule that goes wrong is no rule that agrees; and it is not the user's words that are wrong now.
Status as_refusal(Status status) {
  return status.code() == Code::kInvalidArgument
             ? Status(Code::kFailedPrecondition, status.message()).at(status.where())
             : std::move(status);
}

}  // namespace

Result<Loaded> load_rules(const std::vector<std::string>& places, const std::string& companion,
                          Tests tests, int cancel_fd) {
  json::array units;
  const Fetch fetch = fetch_over(cancel_fd);
  for (const std::string& place : places) {
    KTL_ASSIGN(json::object unit, gather(place, tests, fetch));
    units.push_back(std::move(unit));
  }
  if (!companion.empty()) {
    KTL_ASSIGN(json::object unit, gather(companion, tests, fetch, true));
    units.push_back(std::move(unit));
  }
  KTL_ASSIGN(auto engine, Engine::start(engine_program()));
  auto answer = engine->ask({{"op", "load"}, {"units", std::move(units)}}, kLoadMs);
  if (!answer.ok() && answer.status().code() != Code::kFailedPrecondition) {
    return Status(Code::kInvalidArgument, answer.status().message())
        .at(answer.status().where())
        .advise("`ktl policy test` tries rules without a build");
  }
  KTL_ASSIGN(const json::value loaded, std::move(answer));
  return Loaded{std::move(engine), std::string(text_of(loaded, "digest"))};
}

Rules::Rules(Call& call, std::string_view config)
    : settings_(settings_of(config)),
      loaded_(load(settings_, call.cancel_fd())),
      report_(settings_.warn ? "warn" : "enforce") {}

Result<Remarks> Rules::ask(const json::value& document, std::string_view only,
                           const std::string& dockerfile, int64_t timeout_ms) {
  KTL_ASSIGN(
      const json::value answer,
      loaded_.engine->ask(
          {{"op", "evaluate"}, {"only", only}, {"document", document}, {"timeout_ms", timeout_ms}},
          timeout_ms + kGraceMs));
  return remarks_of(answer, dockerfile);
}

Result<Remarks> Rules::judge(const json::value& judgement) {
  KTL_ASSIGN(Remarks remarks, ask(judgement, "ktl", dockerfile_of(judgement), kWholeMs));
  if (text_of(judgement, "stage") == "prepare") {
    for (std::string_view name : {"context", "dockerfile"}) {
      KTL_ASSIGN(Remarks more, ask(buildx_local_input(name), "docker", "", kLiveMs));
      append(remarks.denials, std::move(more.denials));
    }
  }
  return remarks;
}

Result<Remarks> Rules::judge_question(const json::value& question) {
  KTL_ASSIGN(Remarks remarks, ask(question, "ktl", "Dockerfile", kLiveMs));
  KTL_ASSIGN(const auto input, buildx_input(question));
  if (input) {
    KTL_ASSIGN(Remarks more, ask(*input, "docker", "", kLiveMs));
    append(remarks.denials, std::move(more.denials));
  }
  return remarks;
}

void Rules::write_report(Call& call) {
  if (settings_.report.empty()) {
    return;
  }
  const std::string text = report_.text(settings_.report);
  const auto& files = call.service<ktl_host_files_v1>(KTL_HOST_FILES_ID);
  if (files.replace(call.raw(), str(settings_.report), str(text)) != KTL_OK) {
    throw Error(KTL_UNAVAILABLE, "the policy report cannot be written to " + settings_.report);
  }
}

std::string Rules::evaluate(Call& call, std::string_view judgement) {
  const json::value document = value_of(parse_json(judgement, kMaxDocument));
  const std::string stage(text_of(document, "stage"));
  if (loaded_.engine == nullptr) {
    return json::serialize(verdict_of({}, ""));
  }
  auto remarks = judge(document);
  if (!remarks.ok()) {
    report_.fail(stage, remarks.status().message());
    write_report(call);
    const Status refusal = as_refusal(remarks.status());
    raise(refusal, refusal.code());
  }
  const Remarks kept = in_mode(*std::move(remarks), settings_.warn);
  report_.add(stage, kept);
  write_report(call);
  return json::serialize(verdict_of(kept, loaded_.digest));
}

std::string Rules::decide(Call& call, std::string_view question) {
  const json::value document = value_of(parse_json(question));
  if (loaded_.engine == nullptr) {
    return json::serialize(
        json::object{{"schema", "ktl.answer/1"}, {"allow", true}, {"reason", ""}});
  }
  auto remarks = judge_question(document);
  if (!remarks.ok()) {
    report_.fail("live", remarks.status().message());
    write_report(call);
    const Status refusal = as_refusal(remarks.status());
    raise(refusal, refusal.code());
  }
  const Remarks kept = in_mode(*std::move(remarks), settings_.warn);
  report_.add("live", kept);
  json::object answer{{"schema", "ktl.answer/1"}, {"allow", kept.denials.empty()}, {"reason", ""}};
  if (!kept.denials.empty()) {
    write_report(call);
    answer["rule"] = kept.denials[0].at("rule");
    answer["reason"] = kept.denials[0].at("message");
  }
  return json::serialize(answer);
}

std::string Rules::run(Call& call, std::string_view command) {
  const json::value document = value_of(parse_json(command));
  return value_of(run_command(texts_of(document, "args"), call.cancel_fd()));
}

}  // namespace ktl::policy
