#include "core/pipeline/plan_auth.h"

#include <algorithm>
#include <sstream>

#include "oci/reference.h"

namespace ktl {
namespace {

constexpr std::string_view kImageContext = "docker-image://";

// Docker Hub has several names and one set of credentials.
std::string normal(std::string_view registry) {
  return registry == "registry-1.docker.io" || registry == "index.docker.io"
             ? "docker.io"
             : std::string(registry);
}

void add(std::string_view reference, bool push, Repositories& repositories) {
  auto parsed = oci::parse_reference(reference);
  if (parsed.ok()) {
    bool& may_push = repositories[normal(parsed->domain)][parsed->path];
    may_push = may_push || push;
  }
}

// What may be pulled from a registry may be pulled from its mirrors: HOST[/PATH], where PATH stands
// before the repository's own, or is only the way there.
void add_mirrors(const std::vector<RegistryRule>& rules, Repositories& repositories) {
  for (const RegistryRule& rule : rules) {
    const auto mirrored = repositories.find(normal(rule.host));
    if (mirrored == repositories.end()) {
      continue;
    }
    const std::map<std::string, bool> paths = mirrored->second;
    for (const std::string& mirror : rule.mirrors) {
      const size_t slash = std::min(mirror.find('/'), mirror.size());
      std::map<std::string, bool>& there = repositories[normal(mirror.substr(0, slash))];
      for (const auto& [path, push] : paths) {
        there.try_emplace(path, false);
        if (slash < mirror.size()) {
          there.try_emplace(mirror.substr(slash + 1) + "/" + path, false);
        }
      }
    }
  }
}

// "repository:library/alpine:pull,push" with the actions that are left; empty: none is.
std::string allowed_part(const std::string& scope,
                         const std::map<std::string, bool>& repositories) {
  constexpr std::string_view kKind = "repository:";
  const size_t colon = scope.rfind(':');
  if (!scope.starts_with(kKind) || colon < kKind.size()) {
    return {};
  }
  const auto found = repositories.find(scope.substr(kKind.size(), colon - kKind.size()));
  if (found == repositories.end()) {
    return {};
  }
  std::istringstream actions(scope.substr(colon + 1));
  std::string left;
  for (std::string action; std::getline(actions, action, ',');) {
    if (action == "pull" || (action == "push" && found->second)) {
      left += (left.empty() ? "" : ",") + action;
    }
  }
  return left.empty() ? left : scope.substr(0, colon + 1) + left;
}

}  // namespace

Repositories repositories_of(const Plan& plan) {
  Repositories repositories;
  for (const PlanSource& source : plan.sources) {
    if (source.kind == "image" || source.kind == "frontend") {
      add(source.ref, false, repositories);
    }
  }
  for (const auto& [name, value] : plan.inputs.build_contexts) {
    if (value.starts_with(kImageContext)) {
      add(std::string_view(value).substr(kImageContext.size()), false, repositories);
    }
  }
  for (const auto* caches : {&plan.inputs.cache_from, &plan.inputs.cache_to}) {
    for (const TypedEntry& cache : *caches) {
      auto ref = cache.attrs.find("ref");
      if (cache.type == "registry" && ref != cache.attrs.end()) {
        add(ref->second, caches == &plan.inputs.cache_to, repositories);
      }
    }
  }
  if (!plan.syntax.empty()) {
    add(plan.syntax, false, repositories);
  }
  add_mirrors(plan.registries, repositories);
  return repositories;
}

void PlanAuth::follow(const Plan& plan) {
  const std::lock_guard lock(mutex_);
  allowed_ = repositories_of(plan);
}

// What is known of a registry that the plan has to do with.
Result<std::optional<oci::Credentials>> PlanAuth::known(const std::string& registry) const {
  bool allowed = false;
  {
    const std::lock_guard lock(mutex_);
    allowed = allowed_.contains(registry);
  }
  auto found = all_->credentials(registry);
  if (found.ok() && found->has_value() && !allowed) {
    tell("warn", "the builder asked for the credentials of " + registry +
                     ", which no image of this build comes from: it did not get them");
    return std::optional<oci::Credentials>();
  }
  return found;
}

Result<std::optional<oci::Credentials>> PlanAuth::credentials(std::string_view registry) const {
  const std::string name = normal(registry);
  KTL_ASSIGN(auto found, known(name));
  if (!found.has_value()) {
    return found;
  }
  auto entry = all_->entry(name);
  if (!entry.ok()) {
    tell("warn",
         "the builder did not get the credentials of " + name + ": " + entry.status().message());
    return std::optional<oci::Credentials>();
  }
  if (*entry != oci::Entry::kBasic) {
    return std::optional<oci::Credentials>();
  }
  tell("warn",
       name + " takes passwords only and gives no tokens: the builder was given the password");
  return found;
}

Result<oci::Token> PlanAuth::token(std::string_view registry,
                                   const std::vector<std::string>& scopes) const {
  const std::string name = normal(registry);
  KTL_ASSIGN(const auto found, known(name));
  if (!found.has_value()) {
    return Status(Code::kNotFound, "no credentials are known for " + name);
  }
  std::vector<std::string> left;
  {
    const std::lock_guard lock(mutex_);
    for (const std::string& scope : scopes) {
      if (std::string part = allowed_part(scope, allowed_.at(name)); !part.empty()) {
        left.push_back(std::move(part));
      }
    }
  }
  if (left.empty() && !scopes.empty()) {
    tell("warn", "the builder asked for a token of " + name + " for " + scopes.front() +
                     ", which is no part of this build: it did not get it");
    return Status(Code::kPermissionDenied, "no image of this build is there: " + scopes.front());
  }
  auto token = all_->token(name, left);
  if (token.ok() && !scopes.empty()) {
    tell("debug", "the builder got a token of " + name + " for " + left.front());
  }
  return token;
}

// Each thing once: a builder asks often.
void PlanAuth::tell(const char* level, const std::string& text) const {
  {
    const std::lock_guard lock(mutex_);
    if (!told_.insert(text).second) {
      return;
    }
  }
  if (say_) {
    say_("message/1", {{"level", level}, {"plugin", ""}, {"text", valid_utf8(text)}});
  }
}

}  // namespace ktl
