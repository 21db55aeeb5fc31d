#include "watch.h"

#include "http/url.h"

namespace ktl::solver {
namespace {

constexpr size_t kMostUrls = 100'000;

// One URL is written in several ways: with its scheme's own port or without.
std::string spelling(const std::string& url) {
  const auto parsed = http::parse_url(url);
  return parsed.ok() ? parsed->str() : url;
}

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

Watch::Watch(Host& host, const json::value& plan, std::string build, std::function<void()> refused)
    : host_(host), build_(std::move(build)), refused_(std::move(refused)) {
  if (const json::value* fence = field_of(plan, "fence")) {
    // Which entry it was is only told: who decides is ktl.
    if (auto list = lock::AllowList::parse(texts_of(*fence, "allow")); list.ok()) {
      list_ = *std::move(list);
    }
  }
}

json::value Watch::question_about(const Asked& asked) const {
  json::object question{{"schema", "ktl.question/1"}, {"build", build_}};
  if (asked.request) {
    const std::lock_guard lock(mutex_);
    question["kind"] = "request";
    question["request"] = {{"method", "*"}, {"url", asked.identifier}, {"step", running_}};
  } else {
    question["kind"] = "source";
    question["source"] = source_about(asked);
  }
  return question;
}

std::string Watch::judge(const Asked& asked) {
  // A folder that this build shares; the builder was told of it by ktl.
  if (asked.identifier.empty() || asked.identifier.starts_with("local://")) {
    return asked.identifier.empty() ? refuse(asked, "", "it has no name") : "";
  }
  const Result<HostAnswer> answer = host_.decide(question_about(asked));
  if (!answer.ok()) {
    return refuse(asked, asked.identifier, answer.status().message());
  }
  if (!answer->allow) {
    return refuse(asked, asked.identifier, answer->reason);
  }
  if (asked.request) {
    const std::lock_guard lock(mutex_);
    if (allowed_.size() < kMostUrls) {
      allowed_.insert(spelling(asked.identifier));
    }
  }
  return {};
}

std::string Watch::refuse(const Asked& asked, const std::string& what, std::string reason) {
  reason = reason.empty() ? "the policies do not allow it" : std::move(reason);
  {
    const std::lock_guard lock(mutex_);
    if (!refusal_) {
      refusal_ = {asked.request, what, reason};
    }
  }
  refused_();
  return reason;
}

void Watch::set_running(std::string step) {
  const std::lock_guard lock(mutex_);
  running_ = std::move(step);
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
  return list_.match(url).value_or("");
}

bool is_fenced(const json::value& plan) {
  const json::value* fence = field_of(plan, "fence");
  return fence != nullptr &&
         (bool_of(*fence, "hermetic") || text_of(*fence, "network", "open") != "open");
}

}  // namespace ktl::solver
