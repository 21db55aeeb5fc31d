#include "core/pipeline/hermetic.h"

#include "core/pipeline/locked.h"
#include "core/pipeline/step_fence.h"
#include "lock/pinned.h"

namespace ktl {
namespace {

bool is_image(const PlanSource& source) {
  return source.kind == "image" || source.kind == "frontend";
}

bool is_pinned(const PlanSource& source, const Plan& plan) {
  if (plan.pins.contains(source.ref)) {
    return true;
  }
  if (is_image(source)) {
    return lock::is_pinned_image(source.ref);
  }
  return source.kind == "git" ? lock::is_pinned_git(source.ref, source.checksum)
                              : lock::is_pinned_file(source.checksum);
}

std::string cure_of(const PlanSource& source) {
  if (is_image(source)) {
    const std::string name = source.ref.find('$') == std::string::npos ? source.ref : "NAME:TAG";
    return "write " + name + "@sha256:... there" +
           (source.use == "from" ? ", or give --allow-unpinned-bases" : "");
  }
  if (source.kind == "git") {
    return "name a whole commit: " + source.ref.substr(0, source.ref.find('#')) + "#COMMIT";
  }
  return source.use == "add" ? "write ADD --checksum=sha256:... " + source.ref
                             : "fetch it yourself and give its folder";
}

class Check {
 public:
  explicit Check(Build& build) : build_(build) {}

  void sources() {
    const Plan& plan = build_.plan;
    for (const PlanSource& source : plan.sources) {
      const bool let_off = plan.fence.unpinned_bases && source.use == "from" && is_image(source);
      if (is_pinned(source, plan)) {
        continue;
      }
      if (let_off) {
        build_.say("warn", source.ref + " is not pinned (--allow-unpinned-bases): the same " +
                               "Dockerfile may be built from another image tomorrow");
      } else {
        refuse(source.line, source.ref + " is not pinned", cure_of(source));
      }
    }
  }

  void runs() {
    for (const PlanRun& run : build_.plan.runs) {
      if (run.network == "host") {
        refuse(run.line, "RUN --network=host takes this step out of the fence",
               "leave --network=host out; --allow-network=HOST:PORT lets steps reach a service");
      }
      if (run.security == "insecure") {
        refuse(run.line, "RUN --security=insecure takes this step out of the fence",
               "leave --security=insecure out, or build without --hermetic and --allow-network");
      }
    }
  }

  [[nodiscard]] const Status& first() const { return first_; }

 private:
  void refuse(int line, const std::string& what, const std::string& cure) {
    Status status(Code::kPermissionDenied, what);
    if (line > 0) {
      status = std::move(status).at(build_.plan.dockerfile_name + ":" + std::to_string(line));
    }
    status = build_.fail({Stage::kPrepare, std::move(status).advise(cure), Cause::kRefused, ""});
    first_ = first_.ok() ? std::move(status) : first_;
  }

  Build& build_;
  Status first_;
};

}  // namespace

Status check_hermetic(Build& build) {
  const StepFence& fence = build.plan.fence;
  Check check(build);
  if (build.plan.lock != nullptr) {
    KTL_TRY(check_locked(build));
  } else if (fence.hermetic) {
    check.sources();
  }
  if (fence.network != "open" || fence.hermetic) {
    check.runs();
  }
  return check.first();
}

}  // namespace ktl
