// A build whose steps or sources are judged while it runs.
#include "base/clock.h"
#include "build.h"
#include "control/missing.h"

namespace ktl::solver {
namespace {

// How long the start of the step that asked may come later than its question: another stream tells
// it.
constexpr int64_t kStepGraceNs = 1'000'000'000;

}  // namespace

void Build::watch() {
  if (!ways_.asks || !can_ask(info_)) {
    return;  // who made the build has looked whether it may do without
  }
  watch_.emplace(host_, plan_, ref(), kept_, [this] { mailbox_.wake(); });
  request_.set_sourcepolicysession(session_);
  if (records(plan_)) {
    recording_.emplace();
  }
  if (is_fenced(plan_)) {
    log_.expect_requests();
  }
}

// Once something was refused the build is over, whatever the step makes of it.
void Build::heed(const TurnContext& context) {
  const std::optional<Refusal> refusal = watch_ ? watch_->refusal() : std::nullopt;
  if (!refusal || stopped_ || over()) {
    return;
  }
  const int64_t now = system_clock().monotonic_ns();
  refused_ns_ = refused_ns_.value_or(now);
  pour(context);
  blamed_ = refusal->request ? log_.running() : std::vector<std::string>();
  if (refusal->request && blamed_.empty() && now < *refused_ns_ + kStepGraceNs) {
    return;
  }
  learn_places();
  if (refusal->request) {
    const std::string vertex = blamed_.size() == 1 ? blamed_.front() : "";
    context.emit({"network.request/1",
                  {{"vertex", vertex},
                   {"step", vertex.empty() ? "" : log_.name_of(vertex)},
                   {"method", "*"},
                   {"url", refusal->what},
                   {"status", 0},
                   {"allowed", false},
                   {"rule", refusal->reason}}});
  }
  stopped_ = refusal->request;
  if (stopped_) {  // a refused source ends the build by itself, with its place
    gate_.abort();
    solve_->cancel();
  }
}

// Requests that ktl never allowed were none: a step may print what looks like the builder's list.
bool Build::is_genuine(Event& event) const {
  if (event.type != "network.request/1") {
    return true;
  }
  const std::string url(event.body.at("url").as_string());
  const std::optional<std::string> rule = watch_ ? watch_->rule_of(url) : std::nullopt;
  event.body["rule"] = rule.value_or("");
  if (const auto origin = kept_.origin_of(url)) {
    event.body["url"] = origin->url;
  }
  return rule.has_value();
}

void Build::learn_places() {
  for (size_t i = 0; attended_ && i < attended_->definitions().size(); ++i) {
    places_.add(attended_->definitions()[i]);
  }
}

// A step that ktl had run itself: the frontend, which adds its lines to a failure, was not asked.
void Build::place(json::object& error) {
  if (!attended_ || error.contains("source") || text_of(error, "step").empty()) {
    return;
  }
  learn_places();
  json::value source = places_.source_of(std::string(text_of(error, "step")));
  if (!source.is_null()) {
    error["source"] = std::move(source);
  }
}

// Who asked for what, when that is why the build failed.
void Build::blame(json::object& error) const {
  const std::optional<Refusal> refusal = watch_ ? watch_->refusal() : std::nullopt;
  if (!refusal) {
    return;
  }
  std::string who = refusal->request && blamed_.empty() ? "a step" : "";
  for (const std::string& vertex : blamed_) {
    who += (who.empty() ? "step " : " or step ") + log_.name_of(vertex);
  }
  error["kind"] = "refused";
  error["message"] = refusal->request ? who + " asked for " + refusal->what + ": " + refusal->reason
                                      : refusal->what + " may not be used: " + refusal->reason;
  if (!refusal->request) {
    return;
  }
  const bool known = blamed_.size() == 1;
  error["step"] = known ? log_.name_of(blamed_.front()) : "";
  error["vertex"] = known ? blamed_.front() : "";
  error["log_tail"] = json::array();
  error.erase("source");
  if (json::value source = known ? places_.source_of(log_.name_of(blamed_.front())) : json::value();
      !source.is_null()) {
    error["source"] = std::move(source);
  }
}

}  // namespace ktl::solver
