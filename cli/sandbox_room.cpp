#include "cli/sandbox_room.h"

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "cli/ground.h"
#include "cli/host.h"
#include "cli/options/build_options.h"
#include "cli/render/messages.h"
#include "cli/request/sandbox.h"

namespace ktl::cli {
namespace {

constexpr int64_t kNs = 60'000'000'000;
constexpr std::array<const char*, 5> kPrograms = {"/bin", "/sbin", "/usr/bin", "/usr/sbin",
                                                  "/etc/alternatives"};

std::vector<Option> of_group(std::vector<Option> options) {
  std::erase_if(options, [](const Option& option) {
    return option.group != "sandbox" && option.name != "project" && option.name != "plugin-dir";
  });
  return options;
}

std::vector<Option> with_doctors(std::vector<Option> options) {
  options.push_back({"context", 0, Value::kRequired, Shape::kPath, "sandbox", "DIR",
                     "the context that is looked at [.]", ""});
  options.push_back({"json", 0, Value::kNone, Shape::kBool, "display", "", "as JSON", ""});
  return options;
}

void add_programs(json::object& fence) {
  json::array& binds = fence["binds"].as_array();
  for (const char* path : kPrograms) {
    binds.push_back({{"src", path}, {"dst", path}, {"mode", "ro"}, {"optional", true}});
  }
}

}  // namespace

const std::vector<Option>& sandbox_exec_options() {
  static const std::vector<Option> options = of_group(build_options());
  return options;
}

const std::vector<Option>& sandbox_doctor_options() {
  static const std::vector<Option> options = with_doctors(of_group(build_options()));
  return options;
}

Result<SandboxOrder> take_sandbox_order(const Invocation& invocation,
                                        const std::vector<Option>& options) {
  const FlagSet flags(options);
  KTL_ASSIGN(Parsed parsed, parse_flags(flags, invocation.args));
  SandboxOrder order;
  KTL_ASSIGN(order.settings, gather(flags, parsed, invocation.environment, {}));
  order.words = parsed.words;
  const std::string context = word_of(order.settings, "context");
  json::object document;
  KTL_TRY(settle_sandbox(order.settings, {invocation.environment, invocation.directory}, document));
  order.request.context =
      context.empty() ? invocation.directory.native() : absolute(invocation.directory, context);
  order.request.sandbox = sandbox_from_json(document["sandbox"].as_object());
  return order;
}

Result<std::unique_ptr<SandboxRoom>> SandboxRoom::open(const Invocation& invocation,
                                                       const SandboxOrder& order) {
  KTL_ASSIGN(Ground ground, find_ground(invocation, order.settings));
  std::unique_ptr<SandboxRoom> room(new SandboxRoom(std::move(ground.registry)));
  KTL_ASSIGN(room->host_, make_host(print_messages(invocation.console), {}, nullptr));
  const CallContext context{.deadline_ns = system_clock().monotonic_ns() + kNs};
  KTL_ASSIGN(room->sandboxes_, start_sandboxes(room->registry_, room->host_, context));
  room->fence_ = fence_document(order.request, fence_ground(order.request, room->host_->folders));
  add_programs(room->fence_);
  return room;
}

Result<MadeFence> SandboxRoom::around(const std::vector<std::string>& argv,
                                      std::vector<std::string> environment,
                                      std::vector<int> keep_fds) const {
  const CallContext context{.deadline_ns = system_clock().monotonic_ns() + kNs};
  return make_fence(sandboxes_, fence_, {argv, std::move(environment), std::move(keep_fds)},
                    context);
}

}  // namespace ktl::cli
