#include <algorithm>
#include <filesystem>
#include <sstream>

#include "core/document/fields.h"
#include "core/pipeline/contract.h"
#include "core/pipeline/exclude.h"
#include "core/pipeline/hermetic.h"
#include "core/pipeline/judges.h"
#include "core/pipeline/locked.h"
#include "core/pipeline/platform.h"
#include "core/pipeline/preparers.h"
#include "core/pipeline/shared_key.h"
#include "core/pipeline/stages.h"
#include "core/pipeline/step_fence.h"
#include "dockerfile/sources.h"
#include "lock/lock_file.h"
#include "oci/reference.h"

namespace ktl {
namespace {

namespace fs = std::filesystem;

std::string origin_of(const Request& request, const std::string& field) {
  auto origin = request.origin.find(field);
  return origin == request.origin.end() ? "" : origin->second;
}

// What is taken over as it is.
void copy_inputs(const Request& request, Plan& plan) {
  plan.context_kind = request.context_kind;
  if (request.context_kind == "folder") {
    plan.context_dir = fs::path(request.context).lexically_normal();
  } else {
    plan.context_source = request.context;
  }
  plan.target = request.target;
  plan.args = request.build_args;
  plan.labels = request.labels;
  for (const auto& secret : request.secrets) {
    plan.secrets.push_back(secret.id);
  }
  for (const auto& agent : request.ssh) {
    plan.ssh.push_back(agent.id);
  }
  plan.no_cache = request.no_cache;
  plan.pull = request.pull;
  plan.network = request.network;
  plan.inputs = request.inputs;
  plan.options = request.options;
  plan.registries = request.registries;
  plan.shared_key = shared_key(machine_id(), request.context);
}

// --tag, else what an output calls the image ("name=a,b").
std::vector<std::string> names_of(const Request& request) {
  std::vector<std::string> names = request.tags;
  for (const auto& output : request.inputs.outputs) {
    auto name = output.attrs.find("name");
    if (request.tags.empty() && name != output.attrs.end()) {
      std::istringstream list(name->second);
      for (std::string one; std::getline(list, one, ',');) {
        names.push_back(one);
      }
    }
  }
  return names;
}

// Tags, normalised, each once; the first one names the build.
Status add_names(const Request& request, Plan& plan) {
  plan.name = fs::path(request.context).lexically_normal().filename();
  for (const auto& text : names_of(request)) {
    auto tag = oci::parse_tag(text);
    if (!tag.ok()) {
      return tag.status().at(origin_of(request, "tags"));
    }
    if (plan.tags.empty()) {
      plan.name = tag->path.substr(tag->path.rfind('/') + 1);
    }
    if (std::string name = tag->str(); std::ranges::find(plan.tags, name) == plan.tags.end()) {
      plan.tags.push_back(std::move(name));
    }
  }
  plan.name = plan.name.empty() ? "build" : valid_utf8(plan.name.substr(0, 128));
  return {};
}

Status add_platforms(const Request& request, Plan& plan) {
  auto platforms = normalise_platforms(request.platforms);
  if (!platforms.ok()) {
    return platforms.status().at(origin_of(request, "platforms"));
  }
  plan.platforms = *std::move(platforms);
  return {};
}

// A Dockerfile that only the builder sees is told by its name alone; its sources are not known
// before the builder asks for them.
void take_remote_dockerfile(const Request& request, Plan& plan) {
  plan.dockerfile_name = request.file.empty() ? "Dockerfile" : request.file;
  if (request.context_kind == "url") {
    const bool git = dockerfile::origin_of(request.context) != dockerfile::Origin::kHttp;
    plan.sources.push_back({git ? "git" : "http", request.context, 0});
  }
}

// Whoever reads it may be harmed by it, so it is not done here but asked for.
Status add_dockerfile(Build& build) {
  const Request& request = build.request();
  if (!reads_dockerfile(request)) {
    take_remote_dockerfile(request, build.plan);
    return {};
  }
  auto document = build.setup().read_dockerfile(dockerfile_order(request, build.plan),
                                                {.cancel = &build.setup().cancel});
  Failure failure{Stage::kPrepare};
  Status status = document.ok() ? take_dockerfile(*document, request, build.plan, failure)
                                : std::move(document).status();
  if (!status.ok()) {
    failure.status = std::move(status);
    return build.fail(std::move(failure));
  }
  return {};
}

// Asks every exporter where the result will go. A destination that it refuses is the user's
// mistake; anything else is an export that cannot be made.
Status choose_exports(Build& build, size_t& outputs) {
  const json::object draft = to_json(build.plan);
  for (StagePlugin* exporter : build.setup().plugins.exporters) {
    auto choice = call_quietly(build, *exporter, contracts::kChoose, draft);
    if (!choice.ok()) {
      bool usage = choice.status().code() == Code::kInvalidArgument;
      return build.fail({usage ? Stage::kPrepare : Stage::kExport, choice.status(), Cause::kStatus,
                         exporter->identity().id});
    }
    if (bool_of(*choice, "staging")) {
      build.exporters.push_back(exporter);
    }
    outputs += texts_of(*choice, "outputs").size();
    for (const auto& path : texts_of(*choice, "exclude")) {
      KTL_TRY(add_exclude(build.plan.exclude, path).in(exporter->identity().id));
    }
  }
  return {};
}

// Files that ktl itself writes are no part of what is built.
Status exclude_own_files(const Request& request, Plan& plan) {
  if (is_recorded(request)) {
    KTL_TRY(add_exclude(plan.exclude, lock::kLockFile));
  }
  for (const auto& file : {request.iidfile, request.metadata_file, request.logfile}) {
    if (auto path = path_in_context(plan.context_dir, file)) {
      KTL_TRY(add_exclude(plan.exclude, *path));
    }
  }
  for (const auto& cache : request.inputs.cache_to) {
    auto dest = cache.attrs.find("dest");
    if (cache.type == "local" && dest != cache.attrs.end()) {
      if (auto path = path_in_context(plan.context_dir, dest->second)) {
        KTL_TRY(add_exclude(plan.exclude, *path));
      }
    }
  }
  return {};
}

void say_excluded(const Build& build) {
  std::string list;
  for (const auto& path : build.plan.exclude) {
    if (build.plan.lock != nullptr && path == lock::kLockFile) {
      continue;  // read, not written
    }
    list += (list.empty() ? "" : ", ") + path;
  }
  if (!list.empty()) {
    build.say("info", "not sent, since this build writes it: " + list);
  }
}

// A question to the frontend builds nothing that could go anywhere.
void say_nothing_is_built(const Build& build) {
  const Request& request = build.request();
  if (!request.tags.empty() || !request.inputs.outputs.empty() || !request.options.empty() ||
      !request.inputs.cache_to.empty()) {
    build.say("info", "nothing is built (--call): tags and outputs of this build are not made");
  }
}

Status check_outputs(Build& build, size_t outputs) {
  const Request& request = build.request();
  if (outputs == 0 && !build.plan.tags.empty()) {
    return Status(Code::kInvalidArgument, "no plugin can keep an image under a tag")
        .advise("ktl plugin list shows what is there; one with ktl.export/1 is needed");
  }
  if (outputs == 0 && !request.keep && !is_recorded(request)) {
    build.say("info",
              "no output was named: the result stays in the builder's cache (-t NAME keeps it)");
  }
  // An image has an id only when its manifest has been made.
  // No cache leaves before the gates have spoken.
  build.staging = !build.exporters.empty() || !request.iidfile.empty() || request.quiet ||
                  request.keep || !request.inputs.cache_to.empty();
  return {};
}

Status plan_outputs(Build& build) {
  size_t outputs = 0;
  KTL_TRY(choose_exports(build, outputs));
  return check_outputs(build, outputs);
}

Status let_policies_speak(Build& build) {
  Status sources = judge_sources(build);
  Status whole = build.setup().cancel.cancelled() ? Status() : judge(build, Stage::kPrepare);
  return sources.ok() ? whole : sources;
}

}  // namespace

Status prepare(Build& build) {
  const Request& request = build.request();
  copy_inputs(request, build.plan);
  KTL_TRY(add_names(request, build.plan));
  KTL_TRY(add_platforms(request, build.plan));
  KTL_TRY(plan_fence(request, build.plan));
  KTL_TRY(add_dockerfile(build));
  KTL_TRY(take_lock(request, build.plan));
  if (request.locked && build.plan.lock == nullptr) {
    build.say("info", "there is no ktl.lock in this context: --locked is --hermetic");
  }
  KTL_TRY(exclude_own_files(request, build.plan));
  if (request.inputs.call.method.empty()) {
    KTL_TRY(plan_outputs(build));
  } else {
    say_nothing_is_built(build);
  }
  say_excluded(build);
  KTL_TRY(ask_preparers(build));
  build.plan_document = to_json(build.plan);
  build.plan_digest = digest_of_plan(build.plan_document);
  KTL_TRY(check_hermetic(build));
  KTL_TRY(let_policies_speak(build));
  if (build.setup().planned) {
    build.setup().planned(build.plan);
  }
  return {};
}

}  // namespace ktl
