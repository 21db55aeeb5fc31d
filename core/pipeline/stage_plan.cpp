#include "core/pipeline/stage_plan.h"

#include <algorithm>

#include "core/pipeline/platform.h"
#include "dockerfile/parser.h"
#include "dockerfile/sources.h"
#include "dockerfile/stages.h"

namespace ktl {
namespace {

std::string base_name(const dockerfile::StageGraph& graph, const dockerfile::Base& base) {
  switch (base.kind) {
    case dockerfile::Base::Kind::kScratch:
      return "scratch";
    case dockerfile::Base::Kind::kStage: {
      const std::string& name = graph.stages[base.stage].name;
      return name.empty() ? std::to_string(base.stage) : name;
    }
    default:
      return base.name;
  }
}

// The kind and reference of what takes the place of a --build-context; no kind: nothing is fetched.
PlanSource context_source(const std::string& value, int line) {
  constexpr std::string_view kImage = "docker-image://";
  if (value.starts_with(kImage)) {
    return {"image", value.substr(kImage.size()), line};
  }
  if (dockerfile::origin_of(value) == dockerfile::Origin::kHttp) {
    return {"http", value, line};
  }
  const bool local = value.starts_with('/') || value.starts_with("oci-layout://");
  return {local ? "" : "git", value, line};
}

const char* kind_name(dockerfile::Source::Kind kind) {
  switch (kind) {
    case dockerfile::Source::Kind::kHttp:
      return "http";
    case dockerfile::Source::Kind::kGit:
      return "git";
    case dockerfile::Source::Kind::kFrontend:
      return "frontend";
    default:
      return "image";
  }
}

const char* use_name(dockerfile::Source::Use use) {
  switch (use) {
    case dockerfile::Source::Use::kFrontend:
      return "syntax";
    case dockerfile::Source::Use::kCopy:
      return "copy";
    case dockerfile::Source::Use::kMount:
      return "mount";
    case dockerfile::Source::Use::kAdd:
      return "add";
    default:
      return "from";
  }
}

void add_stages(const dockerfile::StageGraph& graph, const std::vector<size_t>& needed,
                Plan& plan) {
  for (const auto& stage : graph.stages) {
    plan.stages.push_back({stage.name, stage.index, base_name(graph, stage.base), stage.line,
                           stage.needs, std::ranges::binary_search(needed, stage.index)});
  }
}

// Platforms may choose different images: a source counts when one of them needs it.
void add_sources(const dockerfile::StageGraph& graph, const std::vector<size_t>& needed,
                 Plan& plan) {
  const auto& contexts = plan.inputs.build_contexts;
  for (const auto& source : graph.sources) {
    if (source.stage && !std::ranges::binary_search(needed, *source.stage)) {
      continue;
    }
    PlanSource made{kind_name(source.kind), source.reference, source.line, use_name(source.use),
                    source.checksum};
    if (source.kind == dockerfile::Source::Kind::kContext) {
      made = context_source(contexts.at(source.reference), source.line);
      made.use = "context";
    }
    bool known = std::ranges::any_of(plan.sources, [&](const PlanSource& other) {
      return other.ref == made.ref && other.line == made.line;
    });
    if (!known && !made.kind.empty()) {
      plan.sources.push_back(std::move(made));
    }
  }
}

void add_runs(const dockerfile::StageGraph& graph, const std::vector<size_t>& needed, Plan& plan) {
  for (const auto& run : graph.runs) {
    const bool known = std::ranges::find(plan.runs, run.line, &PlanRun::line) != plan.runs.end();
    if (!known && std::ranges::binary_search(needed, run.stage)) {
      plan.runs.push_back({run.line, run.network, run.security});
    }
  }
}

}  // namespace

Status plan_stages(const DockerfileInput& input, const Request& request, Plan& plan,
                   Failure& failure) {
  failure.cause = Cause::kBuild;
  KTL_ASSIGN(dockerfile::Dockerfile file, dockerfile::parse(input.text, input.shown));
  dockerfile::StageOptions options;
  options.build_args.insert(request.build_args.begin(), request.build_args.end());
  options.target = request.target;
  for (const auto& [name, value] : request.inputs.build_contexts) {
    options.contexts.insert(name);
  }
  plan.syntax = file.syntax ? file.syntax->value : "";
  const std::string host = host_platform();
  auto platforms = plan.platforms.empty() ? std::vector<std::string>{host} : plan.platforms;
  for (const auto& platform : platforms) {
    failure.cause = Cause::kBuild;
    options.platform_args = platform_args(host, platform);
    KTL_ASSIGN(dockerfile::StageGraph graph, dockerfile::make_stage_graph(file, options));
    failure.cause = Cause::kStatus;
    KTL_ASSIGN(size_t target, graph.find(request.target));
    auto needed = graph.needed(target);
    if (plan.stages.empty()) {
      add_stages(graph, needed, plan);
    }
    add_sources(graph, needed, plan);
    add_runs(graph, needed, plan);
  }
  return {};
}

}  // namespace ktl
