#include "watch.h"

#include <chrono>

#include "lock/kept_name.h"

namespace ktl::solver {
namespace {

constexpr size_t kMostUrls = 100'000;
// How much later a step's start may be told than what it asks for.
constexpr auto kStepGrace = std::chrono::seconds(2);

using lock::spelling;

std::string attribute(const Asked& asked, const std::string& name) {
  const auto found = asked.attributes.find(name);
  return found == asked.attributes.end() ? "" : found->second;
}

// A source as plans write it: an image without scheme and digest.
json::object source_about(const Asked& asked) {
  constexpr std::string_view kImage = "docker-image://";
  json::object source{{"identifier", asked.identifier}};
  std::string ref = asked.identifier;
  if (ref.starts_with(kImage)) {
    ref.erase(0, kImage.size());
    if (const size_t at = ref.find('@'); at != std::string::npos) {
      source["digest"] = ref.substr(at + 1, 255);
      ref.resize(at);
    }
  }
  source["ref"] = ref.empty() ? asked.identifier : ref;
  if (const std::string sum = attribute(asked, "http.checksum"); !sum.empty()) {
    source["checksum"] = sum.substr(0, 255);
    source["digest"] = sum.substr(0, 255);
  }
  if (const std::string commit = attribute(asked, "git.checksum"); !commit.empty()) {
    source["commit"] = commit.substr(0, 255);
  }
  return source;
}

}  // namespace

Watch::Watch(Host& host, const json::value& plan, std::string build, Kept& kept,
             std::function<void()> refused)
    : host_(host), build_(std::move(build)), refused_(std::move(refused)), kept_(kept) {
  if (const json::value* fence = field_of(plan, "fence")) {
    // Which entry it was is only told: who decides is ktl.
    if (auto list = lock::AllowList::parse(texts_of(*fence, "allow")); list.ok()) {
      list_ = *std::move(list);
    }
  }
}

json::value Watch::question_about(const Asked& asked, const std::string& step) const {
  json::object question{{"schema", "ktl.question/1"}, {"build", build_}};
  if (asked.request) {
    question["kind"] = "request";
    question["request"] = {{"method", "*"}, {"url", asked.identifier}, {"step", step}};
  } else {
    question["kind"] = "source";
    question["source"] = source_about(asked);
  }
  return question;
}

Verdict Watch::judge(const Asked& asked) {
  if (asked.identifier.empty()) {
    return refuse(asked, "", "it has no name");
  }
  // A folder that this build shares, or what it was led to: the builder was told of it by ktl.
  if (asked.identifier.starts_with("local://") || kept_.gave(asked.identifier)) {
    return {};
  }
  if (std::optional<Source> pinned = kept_.pinned(asked)) {
    return {.instead = std::move(pinned)};
  }
  return asked.request && kept_.holds() ? judge_locked(asked) : judge_for(asked, only_running());
}

std::string Watch::reason_against(const Asked& asked, const std::string& step) {
  const Result<HostAnswer> answer = host_.decide(question_about(asked, step));
  if (answer.ok() && answer->allow) {
    return {};
  }
  const std::string reason = answer.ok() ? answer->reason : answer.status().message();
  return reason.empty() ? "the policies do not allow it" : reason;
}

Verdict Watch::judge_for(const Asked& asked, const std::string& step) {
  std::string reason = reason_against(asked, step);
  return reason.empty() ? allow(asked, step) : refuse(asked, asked.identifier, std::move(reason));
}

// For any of the steps that run. The builder does not say which one asks, and of a step's start
// another stream tells, maybe later than of its first request.
Verdict Watch::judge_locked(const Asked& asked) {
  const auto deadline = std::chrono::steady_clock::now() + kStepGrace;
  std::string reason;
  std::unique_lock lock(mutex_);
  while (true) {
    const std::vector<std::string> steps = running_;
    lock.unlock();
    for (const std::string& step : steps) {
      reason = reason_against(asked, step);
      if (reason.empty()) {
        return allow(asked, step);
      }
    }
    lock.lock();
    if (!changed_.wait_until(lock, deadline, [&] { return running_ != steps; })) {
      break;
    }
  }
  lock.unlock();
  return refuse(asked, asked.identifier,
                reason.empty() ? "it is not known which step asks" : std::move(reason));
}

Verdict Watch::allow(const Asked& asked, const std::string& step) {
  std::optional<Source> instead = kept_.instead_of(asked, step);
  if (asked.request) {
    const std::lock_guard lock(mutex_);
    if (allowed_.size() < kMostUrls) {
      allowed_.insert(spelling(instead ? instead->identifier : asked.identifier));
    }
  }
  return {.instead = std::move(instead)};
}

Verdict Watch::refuse(const Asked& asked, const std::string& what, std::string reason) {
  {
    const std::lock_guard lock(mutex_);
    if (!refusal_) {
      refusal_ = {asked.request, what, reason};
    }
  }
  refused_();
  return {.refused = std::move(reason)};
}

void Watch::set_running(std::vector<std::string> steps) {
  const std::lock_guard lock(mutex_);
  if (running_ != steps) {
    running_ = std::move(steps);
    changed_.notify_all();
  }
}

std::string Watch::only_running() const {
  const std::lock_guard lock(mutex_);
  return running_.size() == 1 ? running_.front() : std::string();
}

std::optional<Refusal> Watch::refusal() const {
  const std::lock_guard lock(mutex_);
  return refusal_;
}

std::optional<std::string> Watch::rule_of(const std::string& url) const {
  const std::lock_guard lock(mutex_);
  if (!allowed_.contains(spelling(url))) {
    return std::nullopt;
  }
  return kept_.origin_of(url) ? "ktl.lock" : list_.match(url).value_or("");
}

bool Watch::may(const std::string& url) const { return rule_of(url) || list_.match(url); }

bool is_fenced(const json::value& plan) {
  const json::value* fence = field_of(plan, "fence");
  return fence != nullptr &&
         (bool_of(*fence, "hermetic") || text_of(*fence, "network", "open") != "open");
}

}  // namespace ktl::solver
