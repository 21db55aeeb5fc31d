// `ktl lock`: builds once with all that is fetched written down, and keeps it.
#include <algorithm>

#include "base/size.h"
#include "cli/commands/build_jobs.h"
#include "cli/commands/lock_content.h"
#include "cli/commands/lock_files.h"
#include "cli/host.h"
#include "cli/interrupts.h"
#include "cli/options/common_options.h"
#include "cli/render/sanitize.h"
#include "core/pipeline/exit_code.h"
#include "lock/kept_content.h"

namespace ktl::cli {
namespace {

namespace fs = std::filesystem;

int exit_of(const Status& status) {
  switch (status.code()) {
    case Code::kOk:
      return kExitDone;
    case Code::kInvalidArgument:
      return kExitUsage;
    case Code::kDataLoss:
      return kExitVerify;
    default:
      return kExitExport;
  }
}

// Questions are no builds, and shells change what steps fetch.
Status check_wish(const Order& order) {
  for (const Job& job : order.jobs) {
    KTL_TRY(lock_place(job.request).status());
    if (!job.request.inputs.call.method.empty() || !job.request.inputs.interactive.empty()) {
      return Status(Code::kInvalidArgument, "ktl lock builds; --call, --check and -i do not")
          .advise("leave them out");
    }
    if (job.request.file == "-") {
      return Status(Code::kInvalidArgument, "ktl lock reads no Dockerfile from standard input")
          .advise("put it into a file");
    }
  }
  return order.print.empty() ? Status()
                             : Status(Code::kInvalidArgument, "ktl lock has no --print")
                                   .advise("ktl build --print shows what would be built");
}

// Plugins of which the flags say where results go.
std::vector<std::string> exporters_of(const Order& order) {
  std::vector<std::string> ids;
  for (const Manifest* manifest : order.ground.registry.used()) {
    if (std::ranges::find(manifest->interfaces, KTL_EXPORT_ID) != manifest->interfaces.end()) {
      ids.push_back(manifest->id);
    }
  }
  return ids;
}

// The same build, so that its line only has to begin with another word; nothing comes of it but
// what another target needs. Its time is that of --locked, which steps may see.
Request as_lock(Request request, const std::vector<std::string>& exporters) {
  request.command = "lock";
  request.no_cache = true;
  request.pull = true;
  request.hermetic = false;
  request.locked = false;
  request.allow_unpinned_bases = false;
  request.allow_network.clear();
  request.require.clear();
  request.tags.clear();
  request.iidfile.clear();
  request.metadata_file.clear();
  request.inputs.outputs.clear();
  request.inputs.cache_from.clear();
  request.inputs.cache_to.clear();
  request.build_args.try_emplace("SOURCE_DATE_EPOCH", "0");
  for (const std::string& exporter : exporters) {
    request.options.erase(exporter);
  }
  if (request.quiet) {
    request.quiet = false;
    request.progress = "quiet";
  }
  return request;
}

class Locks {
 public:
  Locks(Order& order, Worker worker, const Invocation& invocation, const CancelToken& cancel,
        int64_t limit)
      : order_(order),
        worker_(std::move(worker)),
        invocation_(invocation),
        cancel_(cancel),
        limit_(limit),
        exporters_(exporters_of(order)) {}

  // Nothing is written unless all went well: a lock of half a build is none.
  int run() {
    for (size_t i = 0; i < order_.jobs.size(); ++i) {
      if (const int exit = record(order_.jobs[i], i == 0); exit != kExitDone) {
        return exit;
      }
    }
    for (const auto& [place, lock] : locks_) {
      if (Status status = write_lock(place, lock); !status.ok()) {
        return fail(invocation_.console, status, kExitExport);
      }
      say(place, lock);
    }
    return kExitDone;
  }

 private:
  int record(const Job& job, bool first) {
    const Request request = as_lock(with_results(job, results_), exporters_);
    Result<Tools> tools =
        first ? Result<Tools>(Tools{std::move(order_.ground.registry), std::move(worker_)})
              : more_tools(order_, invocation_);
    if (!tools.ok()) {
      return fail(invocation_.console, tools.status());
    }
    BuildOutcome outcome;
    const int exit = run_one({request, cancel_}, tools->registry, std::move(tools->worker),
                             order_.looks, invocation_.console, outcome);
    if (exit != kExitDone) {
      return exit;
    }
    if (!outcome.recorded.whole) {  // a lock of half a build is none
      return fail(invocation_.console,
                  Status(Code::kUnavailable,
                         "the builder does not tell all that this build took: "
                         "its record is gone, or longer than 10,000 entries")
                      .advise("try again, or lock fewer targets at a time"),
                  kExitBuilder);
    }
    note_result(request, outcome.root);
    return keep(request, outcome.recorded);
  }

  void note_result(const Request& request, const std::string& root) {
    if (const auto folders = default_plugin_folders(); folders.ok() && !root.empty()) {
      results_[request.name] = "oci-layout://" + store_folder(*folders).native() + "@" + root;
    }
  }

  int keep(const Request& request, const lock::Recorded& recorded) {
    Result<LockMade> made = lock_and_keep(recorded, request, limit_, cancel_);
    if (!made.ok()) {
      return cancel_.cancelled() ? exit_of_signal(cancel_.reason())
                                 : fail(invocation_.console, made.status(), kExitExport);
    }
    for (const std::string& remark : made->remarks) {
      invocation_.console.err("warning: " + one_line(remark) + "\n");
    }
    const Result<fs::path> place = lock_place(request);  // was checked before
    merge_lock(locks_[*place], std::move(made->lock));
    return kExitDone;
  }

  void say(const fs::path& place, const lock::Lock& lock) const {
    const size_t refused = lock.not_lockable.size();
    invocation_.console.err(
        "locked: " + std::to_string(lock.images.size()) + " images, " +
        std::to_string(lock.files.size()) + " files, " + std::to_string(lock.repositories.size()) +
        " repositories, " + std::to_string(lock.downloads.size()) + " downloads of steps" +
        (refused == 0 ? "" : "; " + std::to_string(refused) + " things that --locked will refuse") +
        "\n");
    invocation_.console.out(place.string() + "\n");
  }

  Order& order_;
  Worker worker_;
  const Invocation& invocation_;
  const CancelToken& cancel_;
  const int64_t limit_;
  const std::vector<std::string> exporters_;
  std::map<std::string, std::string> results_;  // as a named context, by target
  std::map<fs::path, lock::Lock> locks_;
};

// --export or --import.
int move_lock(const Job& job, const Invocation& invocation) {
  const std::string to = word_of(job.settings, "export");
  const std::string from = word_of(job.settings, "import");
  if (!to.empty() && !from.empty()) {
    return fail(invocation.console,
                Status(Code::kInvalidArgument, "--export and --import contradict each other")
                    .advise("leave one of them out"));
  }
  const Result<fs::path> place = lock_place(job.request);
  if (!place.ok()) {
    return fail(invocation.console, place.status());
  }
  const fs::path file = (invocation.directory / (to.empty() ? from : to)).lexically_normal();
  const Status status = to.empty() ? import_lock(*place, file) : export_lock(*place, file);
  if (!status.ok()) {
    return fail(invocation.console, status, exit_of(status));
  }
  invocation.console.out((to.empty() ? *place : file).string() + "\n");
  return kExitDone;
}

Result<int64_t> limit_of(const Job& job) {
  const std::string word = word_of(job.settings, "keep-limit");
  if (word.empty()) {
    return lock::kMostKept;
  }
  auto bytes = bytes_of(word);
  return bytes.ok() ? std::move(bytes)
                    : Status(Code::kInvalidArgument, "--keep-limit: " + bytes.status().message())
                          .advise("write a size: 20GB, 512MB");
}

int lock_order(Order& order, const Invocation& invocation, const CancelToken& cancel) {
  const Result<int64_t> limit = limit_of(order.jobs.front());
  Status status = limit.ok() ? check_wish(order) : limit.status();
  if (!status.ok()) {
    return fail(invocation.console, status);
  }
  for (const std::string& warning : order.warnings) {
    invocation.console.err("warning: " + one_line(warning) + "\n");
  }
  auto worker = early_worker();
  return worker.ok() ? Locks(order, *std::move(worker), invocation, cancel, *limit).run()
                     : fail(invocation.console, worker.status(), kExitPlugin);
}

}  // namespace

int run_lock(const Invocation& invocation) {
  Interrupts interrupts(invocation.console);
  Result<Order> order = take_order(invocation, lock_own_options());
  if (!order.ok()) {
    return fail(invocation.console, order.status());
  }
  const Settings& settings = order->jobs.front().settings;
  return word_of(settings, "export").empty() && word_of(settings, "import").empty()
             ? lock_order(*order, invocation, interrupts.token())
             : move_lock(order->jobs.front(), invocation);
}

}  // namespace ktl::cli
