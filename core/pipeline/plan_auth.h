// Credentials for the worker: of the registries that the Plan takes from, and of no other.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "core/document/plan.h"
#include "core/plugins/host.h"

namespace ktl {

// The registries of the plan's images, frontends and caches, as references write them
// ("docker.io").
std::set<std::string> registries_of(const Plan& plan);

// Judges every question by what follow() was told last: before that there is no plan, and nothing
// is handed out. A registry that is no source gets no credentials, and a warning says so; what is
// handed out is said as well. Thread rule: any thread.
class PlanAuth final : public AuthService {
 public:
  PlanAuth(std::shared_ptr<const AuthService> all, Publish say)
      : all_(std::move(all)), say_(std::move(say)) {}

  void follow(const Plan& plan);
  [[nodiscard]] Result<std::optional<oci::Credentials>> credentials(
      std::string_view registry) const override;

 private:
  void tell(const char* level, const std::string& text) const;

  const std::shared_ptr<const AuthService> all_;
  const Publish say_;
  mutable std::mutex mutex_;
  std::set<std::string> allowed_;       // guarded by mutex_
  mutable std::set<std::string> told_;  // guarded by mutex_
};

}  // namespace ktl
