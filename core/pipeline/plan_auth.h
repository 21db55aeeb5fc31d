// Credentials for the worker: of the registries that the Plan takes from, and of no other.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/document/plan.h"
#include "core/plugins/host.h"

namespace ktl {

// What a build may do at registries: host, as references write it ("docker.io"), then repository,
// then whether it may push there. Of the plan's images, frontends, contexts and caches,
// and of mirrors of their registries.
using Repositories = std::map<std::string, std::map<std::string, bool>>;
Repositories repositories_of(const Plan& plan);

// Judges every question by what follow() was told last: before that there is no plan, and nothing
// is handed out. A registry that is no source gets nothing, and a warning says so; one that gives
// tokens gets tokens for what the plan wants of it and never the password; where a password is all
// that the registry takes it is handed out, and a warning says that. Thread rule: any thread.
class PlanAuth final : public AuthService {
 public:
  PlanAuth(std::shared_ptr<const AuthService> all, Publish say)
      : all_(std::move(all)), say_(std::move(say)) {}

  void follow(const Plan& plan);
  [[nodiscard]] Result<std::optional<oci::Credentials>> credentials(
      std::string_view registry) const override;
  [[nodiscard]] Result<oci::Entry> entry(std::string_view registry) const override {
    return all_->entry(registry);
  }
  [[nodiscard]] Result<oci::Token> token(std::string_view registry,
                                         const std::vector<std::string>& scopes) const override;

 private:
  [[nodiscard]] Result<std::optional<oci::Credentials>> known(const std::string& registry) const;
  void tell(const char* level, const std::string& text) const;

  const std::shared_ptr<const AuthService> all_;
  const Publish say_;
  mutable std::mutex mutex_;
  Repositories allowed_;                // guarded by mutex_
  mutable std::set<std::string> told_;  // guarded by mutex_
};

}  // namespace ktl
