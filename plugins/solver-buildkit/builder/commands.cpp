#include "builder/commands.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>

#include "base/json.h"
#include "builder/command_line.h"
#include "builder/network.h"
#include "builder/order.h"
#include "builder/show.h"
#include "builder/stop.h"
#include "builder/supervisor.h"
#include "builder/survey.h"

namespace ktl::builder {
namespace {

constexpr int64_t kMaxSeconds = 7 * 24 * 3600;
constexpr int64_t kMaxAge = int64_t{100} * 365 * 24 * 3600;

// What every command is given.
struct Task {
  const CommandLine& line;
  const BuilderRequest& request;
  const OpenDisk& open_disk;
  const Caller& caller;
};

Result<std::string> help(const Task& /*task*/) { return command_help(); }

Result<std::string> list(const Task& task) {
  std::vector<json::object> builders;
  for (const KnownHome& known : known_homes(task.request.state, task.request.runtime)) {
    builders.push_back(describe(known.home, known.zone, known.network));
  }
  if (!task.line.has("json")) {
    return builder_table(builders);
  }
  return pretty_json(json::object{{"schema", "ktl.builders/1"},
                                  {"builders", json::array(builders.begin(), builders.end())}});
}

Result<std::string> inspect(const Task& task) {
  const BuilderRequest& request = task.request;
  KTL_ASSIGN(Home home, home_for(request.settings, request.root, request.state, request.runtime));
  json::object builder = describe(home, request.settings.zone, request.settings.network);
  return task.line.has("json") ? pretty_json(builder) : builder_lines(builder);
}

Result<std::string> start(const Task& task) {
  KTL_TRY(check_private(task.request));
  KTL_ASSIGN(Site site, site_for(task.request));
  KTL_TRY(use_private_builder(task.request, site, task.caller).status());
  return "running at unix://" + site.home.socket.string() + "\n";
}

Result<std::string> stop_all(const Task& task, const StopOptions& options) {
  std::string text;
  KTL_ASSIGN(Site site, site_for(task.request));
  for (const KnownHome& known : known_homes(task.request.state, task.request.runtime)) {
    site.home = known.home;
    KTL_ASSIGN(bool stopped, stop_builder(site, options, task.caller));
    text += fmt::format("{}: {}\n", known.zone, stopped ? "stopped" : "was not running");
  }
  return text.empty() ? std::string("there is no private builder\n") : text;
}

Result<std::string> stop(const Task& task) {
  StopOptions options;
  KTL_ASSIGN(int64_t seconds, task.line.number("timeout", options.wait_ms / 1000, 0, kMaxSeconds));
  options.wait_ms = seconds * 1000;
  options.force = task.line.has("force");
  if (options.force && task.line.has("timeout")) {
    return Status(Code::kInvalidArgument, "--force does not wait, so there is no --timeout");
  }
  if (task.line.has("all")) {
    return stop_all(task, options);
  }
  KTL_ASSIGN(Site site, site_for(task.request));
  KTL_ASSIGN(bool stopped, stop_builder(site, options, task.caller));
  return std::string(stopped ? "stopped\n" : "the private builder is not running\n");
}

// A daemon's cache can only be looked at through the daemon: it is started when there is one.
Result<std::string> with_disk(const Task& task, const std::string& verb,
                              const std::function<Result<std::vector<CacheRecord>>(Disk&)>& ask) {
  KTL_ASSIGN(Site site, site_for(task.request));
  std::vector<CacheRecord> records;
  std::error_code error;
  if (std::filesystem::exists(site.home.state, error)) {
    BuilderRequest request = task.request;
    request.as_it_runs = true;  // it may have been started with a project's registries
    KTL_ASSIGN(UniqueFd clients, use_private_builder(request, site, task.caller));
    KTL_ASSIGN(auto disk, task.open_disk(site.home.socket.string()));
    KTL_ASSIGN(records, ask(*disk));
  }
  return task.line.has("json") ? pretty_json(cache_document(records)) : cache_table(records, verb);
}

Result<std::string> disk_usage(const Task& task) {
  return with_disk(task, "uses", [&](Disk& disk) { return disk.usage(task.line.texts("filter")); });
}

Result<std::string> prune(const Task& task) {
  PruneOptions options{task.line.texts("filter"), task.line.has("all")};
  if (task.line.has("keep-storage")) {
    KTL_ASSIGN(options.keep_bytes, bytes_of(task.line.text("keep-storage")));
  }
  KTL_ASSIGN(options.older_than_seconds, task.line.number("older-than", 0, 1, kMaxAge));
  return with_disk(task, "removed", [&](Disk& disk) { return disk.prune(options); });
}

// A descriptor that the client which started us has left open for us.
Result<UniqueFd> inherited(const CommandLine& line, std::string_view name) {
  KTL_ASSIGN(int64_t number, line.number(name, -1, 3, 1 << 20));
  UniqueFd fd(static_cast<int>(number));
  if (fd.valid() && ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC) != 0) {
    fd.release();
    return Status(Code::kInvalidArgument, fmt::format("--{} {} is not open", name, number));
  }
  return fd;
}

Result<std::string> supervise_it(const Task& task) {
  const BuilderRequest& request = task.request;
  KTL_ASSIGN(UniqueFd ready, inherited(task.line, "ready-fd"));
  KTL_ASSIGN(UniqueFd start_lock, inherited(task.line, "start-lock-fd"));
  auto site = task.line.has("order") ? read_order(task.line.text("order")) : site_for(request);
  KTL_TRY(site.status());
  KTL_ASSIGN(site->home, home_for(site->settings, request.root, request.state, request.runtime));
  if (!task.line.has("order")) {
    KTL_TRY(make_home(site->home));
    KTL_ASSIGN(site->ids, sub_ids_for(site->settings.zone, request.root,
                                      sub_id_folder(request.root, request.state), task.caller));
  }
  KTL_TRY(supervise(*site, request.getenv, {std::move(ready), std::move(start_lock)}, task.caller));
  return std::string();
}

struct Row {
  std::string_view name;
  Result<std::string> (*run)(const Task& task);
};

constexpr std::array<Row, 8> kRows = {{{"help", help},
                                       {"ls", list},
                                       {"inspect", inspect},
                                       {"start", start},
                                       {"stop", stop},
                                       {"du", disk_usage},
                                       {"prune", prune},
                                       {"supervise", supervise_it}}};

}  // namespace

Result<std::string> run_builder_command(const std::vector<std::string>& words,
                                        BuilderRequest request, const OpenDisk& open_disk,
                                        const Caller& caller) {
  KTL_ASSIGN(CommandLine line, parse_command_line(words));
  request.settings.zone = line.text("trust", request.settings.zone);
  KTL_TRY(check_zone(request.settings.zone));
  KTL_ASSIGN(request.settings.network,
             canonical_network(line.text("network", request.settings.network)));
  KTL_ASSIGN(request.settings.idle_seconds,
             line.number("idle", request.settings.idle_seconds, 1, kMaxSeconds));
  for (const Row& row : kRows) {
    if (row.name == line.command) {
      return row.run({line, request, open_disk, caller});
    }
  }
  return Status(Code::kInternal, "ktl builder " + line.command + " does nothing");
}

}  // namespace ktl::builder
