#include "cli/request/order.h"

#include <unistd.h>

#include <algorithm>

#include "cli/request/layers.h"
#include "cli/request/request.h"
#include "cli/request/results.h"
#include "cli/request/subjects.h"

namespace ktl::cli {
namespace {

Result<Request> request_of(const Ground& ground, const FlagSet& flags, const Settings& settings,
                           const Subject& subject, const Invocation& invocation) {
  Surroundings surroundings{invocation.environment, invocation.directory};
  KTL_ASSIGN(json::object document, make_request(flags, settings, subject.context, surroundings));
  KTL_ASSIGN(Request request, request_from_json(document));
  request.project = ground.project ? ground.project->file.native() : "";
  if (subject.target != nullptr) {
    request.name = subject.target->name;
    request.origin["context"] = subject.target->context_origin;
  }
  request.registries = registries_of(ground);
  request.builders = builders_of(ground);
  return request;
}

bool pushes(const Settings& settings) {
  auto outputs = settings.find("output");
  return flag_of(settings, "push") ||
         (outputs != settings.end() &&
          std::ranges::any_of(outputs->second.words, [](const std::string& word) {
            return word.find("type=registry") != std::string::npos ||
                   word.find("push=") != std::string::npos;
          }));
}

// A repository that nobody trusts must not choose which names the caller's credentials overwrite.
Status check_push(const std::optional<Project>& project, const Settings& settings) {
  auto tags = settings.find("tag");
  bool foreign = project && !project->trusted && tags != settings.end() &&
                 tags->second.origin.starts_with(project->file.native() + ":");
  if (!foreign || !pushes(settings)) {
    return {};
  }
  return Status(Code::kInvalidArgument,
                "the names to push to come from a file that nobody has trusted")
      .at(tags->second.origin)
      .advise("name them yourself with -t, or read the file, then: ktl config trust " +
              project->file.native());
}

Result<Job> job_for(const Order& order, const Parsed& parsed, const Subject& subject,
                    const Invocation& invocation) {
  auto profile = order.bootstrap.find("profile");
  LayerQuery query{.user = order.ground.user,
                   .project = order.ground.project,
                   .target = subject.target,
                   .named = subject.named};
  if (profile != order.bootstrap.end()) {
    query.profile = profile->second.words.back();
    query.profile_origin = profile->second.origin;
  }
  KTL_ASSIGN(Layers layers, layers_of(order.flags, query));
  Job job{.settings = {}, .request = {}, .target = subject.target, .named = subject.named};
  KTL_ASSIGN(job.settings, gather(order.flags, parsed, invocation.environment, layers));
  KTL_TRY(check_push(order.ground.project, job.settings));
  KTL_ASSIGN(job.request, request_of(order.ground, order.flags, job.settings, subject, invocation));
  return job;
}

void keep_what_is_needed(std::vector<Job>& jobs) {
  for (const Job& job : jobs) {
    for (const std::string& need : needs_of(job)) {
      for (Job& other : jobs) {
        other.request.keep = other.request.keep || other.request.name == need;
      }
    }
  }
}

// Two results under one name: the second would take it away from the first.
Status check_names(const std::vector<Job>& jobs) {
  std::map<std::string, std::string> owners;
  for (const Job& job : jobs) {
    std::vector<std::string> names = job.request.tags;
    names.insert(names.end(), {job.request.iidfile, job.request.metadata_file});
    for (const std::string& name : names) {
      if (name.empty()) {
        continue;
      }
      if (auto [at, fresh] = owners.emplace(name, job.request.name);
          !fresh && at->second != job.request.name) {
        return Status(Code::kInvalidArgument,
                      "both " + at->second + " and " + job.request.name + " are to be " + name)
            .advise("give every target its own");
      }
    }
  }
  return {};
}

// What a target needs is a named context already.
Status check_contexts(const Job& job) {
  for (const std::string& need : needs_of(job)) {
    if (job.request.inputs.build_contexts.contains(need)) {
      auto origin = job.request.origin.find("build_contexts");
      return Status(Code::kInvalidArgument, "target " + job.request.name + " needs " + need +
                                                ", and has a build context of that name")
          .at(origin == job.request.origin.end() ? "" : origin->second)
          .advise("take one of the two away, or give the context another name");
    }
  }
  return {};
}

std::vector<std::string> names_in_use(const std::vector<Job>& jobs) {
  std::vector<std::string> used;
  for (const Job& job : jobs) {
    for (const SecretSource& secret : job.request.secrets) {
      used.push_back(secret.env);
    }
    for (const auto& [name, value] : job.request.build_args) {
      used.push_back(name);
    }
  }
  return used;
}

Status add_jobs(const Invocation& invocation, Order& order) {
  KTL_ASSIGN(Parsed parsed, parse_flags(order.flags, invocation.args));
  Surroundings surroundings{invocation.environment, invocation.directory};
  KTL_ASSIGN(std::vector<Subject> subjects,
             subjects_of(parsed.words, order.ground.project, surroundings));
  if (std::ranges::count(subjects, true, &Subject::named) > 1) {
    KTL_TRY(check_one_result(order.flags, parsed, invocation.environment));
  }
  for (const Subject& subject : subjects) {
    KTL_ASSIGN(Job job, job_for(order, parsed, subject, invocation));
    KTL_TRY(check_contexts(job));
    order.jobs.push_back(std::move(job));
  }
  keep_what_is_needed(order.jobs);
  return check_names(order.jobs);
}

}  // namespace

const std::vector<std::string>& needs_of(const Job& job) {
  static const std::vector<std::string> kNone;
  return job.target == nullptr ? kNone : job.target->needs;
}

Result<Order> take_order(const Invocation& invocation, const std::vector<Option>& more) {
  KTL_ASSIGN(Settings bootstrap, first_look(invocation));
  KTL_ASSIGN(Ground ground, find_ground(invocation, bootstrap));
  KTL_ASSIGN(FlagSet flags, build_flags(ground.registry, more));
  Order order{std::move(bootstrap), std::move(ground), std::move(flags), {}, {}, "", {}};
  KTL_TRY(add_jobs(invocation, order));
  order.print = word_of(order.bootstrap, "print");
  order.looks = looks_of(invocation.environment, flag_of(order.jobs[0].settings, "no-color"));
  order.warnings =
      unknown_variables(invocation.environment, order.flags.options(), names_in_use(order.jobs));
  return order;
}

Status check_terminal(const std::vector<Job>& jobs, const std::string& print, int fd) {
  auto wants = [](const Job& job) { return !job.request.inputs.interactive.empty(); };
  auto found = std::ranges::find_if(jobs, wants);
  if (found == jobs.end()) {
    return {};
  }
  const auto refuse = [&](const std::string& why, std::string advice) {
    return Status(Code::kInvalidArgument, "-i/--interactive " + why)
        .at(found->request.origin.at("interactive"))
        .advise(std::move(advice));
  };
  if (!print.empty()) {
    return refuse("opens a shell in a step that fails, and --print runs none",
                  "take one of them away");
  }
  if (found->request.context == "-" || found->request.file == "-") {
    return refuse("needs standard input for its shell, and \"-\" reads it",
                  "put the Dockerfile or the context into a file");
  }
  return ::isatty(fd) == 1 ? Status()
                           : refuse("needs a terminal as standard input",
                                    "take it away where nobody sits before one");
}

Request with_results(const Job& job, const std::map<std::string, std::string>& results) {
  Request request = job.request;
  for (const std::string& need : needs_of(job)) {
    request.inputs.build_contexts[need] = results.at(need);
    request.origin["build_contexts." + need] = "needs";
  }
  return request;
}

}  // namespace ktl::cli
