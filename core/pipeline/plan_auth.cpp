#include "core/pipeline/plan_auth.h"

#include "oci/reference.h"

namespace ktl {
namespace {

// Docker Hub has several names and one set of credentials.
std::string normal(std::string_view registry) {
  return registry == "registry-1.docker.io" || registry == "index.docker.io"
             ? "docker.io"
             : std::string(registry);
}

void add(std::string_view reference, std::set<std::string>& registries) {
  auto parsed = oci::parse_reference(reference);
  if (parsed.ok()) {
    registries.insert(normal(parsed->domain));
  }
}

}  // namespace

std::set<std::string> registries_of(const Plan& plan) {
  std::set<std::string> registries;
  for (const PlanSource& source : plan.sources) {
    if (source.kind == "image" || source.kind == "frontend") {
      add(source.ref, registries);
    }
  }
  for (const auto* caches : {&plan.inputs.cache_from, &plan.inputs.cache_to}) {
    for (const TypedEntry& cache : *caches) {
      auto ref = cache.attrs.find("ref");
      if (cache.type == "registry" && ref != cache.attrs.end()) {
        add(ref->second, registries);
      }
    }
  }
  if (!plan.syntax.empty()) {
    add(plan.syntax, registries);
  }
  return registries;
}

void PlanAuth::follow(const Plan& plan) {
  const std::lock_guard lock(mutex_);
  allowed_ = registries_of(plan);
}

Result<std::optional<oci::Credentials>> PlanAuth::credentials(std::string_view registry) const {
  const std::string name = normal(registry);
  bool allowed = false;
  bool fresh = false;
  {
    const std::lock_guard lock(mutex_);
    allowed = allowed_.contains(name);
    fresh = told_.insert(name).second;
  }
  auto found = all_->credentials(registry);
  if (!found.ok() || !found->has_value()) {
    return found;
  }
  const std::string shown = valid_utf8(name);
  if (fresh && allowed) {
    tell("debug", "the builder asked for the credentials of " + shown + " and got them");
  } else if (fresh) {
    tell("warn", "the builder asked for the credentials of " + shown +
                     ", which no image of this build comes from: it did not get them");
  }
  return allowed ? std::move(found) : std::optional<oci::Credentials>();
}

void PlanAuth::tell(const char* level, const std::string& text) const {
  if (say_) {
    say_("message/1", {{"level", level}, {"plugin", ""}, {"text", text}});
  }
}

}  // namespace ktl
