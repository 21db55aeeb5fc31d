#include "core/pipeline/fence_rules.h"

#include <algorithm>

#include "core/document/fields.h"
#include "lock/pinned.h"
#include "oci/reference.h"

namespace ktl {
namespace {

// "docker-image://docker.io/library/alpine:3", with or without a digest.
std::string builder_name(const std::string& image) {
  auto reference = oci::parse_reference(image);
  if (!reference.ok()) {
    return {};
  }
  reference->tag = reference->tag.empty() ? "latest" : reference->tag;
  return "docker-image://" + reference->str();
}

}  // namespace

Result<FenceRules> FenceRules::make(const Plan& plan) {
  FenceRules rules;
  rules.fence_ = plan.fence;
  KTL_ASSIGN(rules.list_, lock::AllowList::parse(plan.fence.allow));
  if (plan.lock != nullptr) {
    rules.lock_.emplace(plan.lock);
  }
  for (const PlanSource& source : plan.sources) {
    if (plan.fence.unpinned_bases && source.kind == "image" && source.use == "from") {
      rules.bases_.push_back(builder_name(source.ref));
    }
  }
  return rules;
}

Status FenceRules::decide(const json::value& question) const {
  if (text_of(question, "kind") == "request") {
    const json::object request = object_of(question, "request");
    return lock_ ? lock_->decide_request(text_of(request, "step"), text_of(request, "url"))
                 : decide_request(text_of(request, "url"));
  }
  const json::object source = object_of(question, "source");
  return lock_ ? lock_->decide_source(source) : decide_source(source);
}

Status FenceRules::decide_request(std::string_view url) const {
  if (fence_.network == "open" || fence_.network == "record" ||
      (fence_.network == "list" && list_.match(url))) {
    return {};
  }
  if (fence_.network == "none") {
    return Status(Code::kPermissionDenied, "steps have no network (--hermetic)")
        .advise("--allow-network=HOST[:PORT] lets steps reach a host");
  }
  return Status(Code::kPermissionDenied, "its host is not in --allow-network")
      .advise("add its host to --allow-network if the step may go there");
}

Status FenceRules::decide_source(const json::value& source) const {
  const std::string identifier(text_of(source, "identifier"));
  if (!fence_.hermetic || identifier.empty() ||
      std::ranges::find(bases_, identifier) != bases_.end()) {
    return {};
  }
  return lock::check_pinned(identifier, text_of(source, "checksum"), text_of(source, "commit"));
}

}  // namespace ktl
