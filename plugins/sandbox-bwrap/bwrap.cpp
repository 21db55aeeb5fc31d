#include "bwrap.h"

#include <filesystem>

#include "base/json.h"
#include "jail/jail.h"
#include "jail/runtime.h"
#include "jail/wrap.h"
#include "translation.h"

namespace ktl::sandbox_bwrap {
namespace {

constexpr const char* kInstall = "apt-get install bubblewrap";
constexpr size_t kMostFiles = 15;  // wrapped-1 has room for 16, one holds the options

[[noreturn]] void raise(const Status& status) {
  const std::string where = status.where().empty() ? "" : status.where() + ": ";
  throw Error(static_cast<ktl_status>(status.code()), where + status.message(), status.next());
}

template <class T>
T must(Result<T> result) {
  if (!result.ok()) {
    raise(result.status());
  }
  return *std::move(result);
}

std::string runtime_of(const jail::Fence& fence) {
  const auto name = std::filesystem::path(fence.runtime).filename();
  if (!name.empty() && name != "bwrap") {
    raise({Code::kFailedPrecondition, fence.runtime + " is no bubblewrap: it is not called bwrap"});
  }
  return must(jail::find_runtime(fence.runtime, "bwrap", kInstall));
}

// The jail with its translation; `wrapped` gets the files.
struct Translated {
  jail::Jail jail;
  Words before;
  Words options;
};

Translated translate(const jail::Fence& fence, jail::Wrapped& wrapped) {
  const jail::Machine machine = jail::this_machine();
  jail::Jail made = must(jail::make_jail(fence, machine, false));
  made.notes.emplace_back(
      "bubblewrap sets the variable PWD in addition, and its own messages go "
      "to the command's stderr");
  if (const Status able = jail::check_machine(made, machine); !able.ok()) {
    raise(able);
  }
  const auto keep = [&](const std::string& text) { return wrapped.add_file(text); };
  const auto keep_bytes = [&](const std::string& bytes) { return wrapped.add_bytes(bytes); };
  Words all = must(options(made, machine, fence.profile, keep, keep_bytes));
  if (wrapped.files() > kMostFiles) {
    raise({Code::kFailedPrecondition,
           fence.profile + ": more than 15 files: mounts with src_content and a filter"});
  }
  Words before = must(prefix(made, machine));
  return {std::move(made), std::move(before), std::move(all)};
}

// --args FD: one word after the other, each ended by a NUL.
std::string args_text(const Words& options, const jail::Wrap& wrap) {
  Words words = options;
  words.emplace_back("--clearenv");
  for (const auto& [name, value] : wrap.env) {
    words.insert(words.end(), {"--setenv", name, value});
  }
  std::string text;
  for (const auto& word : words) {
    text += word;
    text += '\0';
  }
  return text;
}

}  // namespace

std::string Bwrap::probe(Call& /*call*/, std::string_view document) {
  const json::value value = must(parse_json(document));
  const jail::Fence fence = must(jail::to_fence(value.as_object()));
  jail::Wrapped nowhere{jail::Wrap{}};
  const Translated made = translate(fence, nowhere);
  return json::serialize(describe(made.jail, runtime_of(fence), "", false));
}

std::string Bwrap::wrap(Call& /*call*/, std::string_view document) {
  const json::value value = must(parse_json(document));
  const jail::Wrap wrap = must(jail::to_wrap(value.as_object()));
  jail::Wrapped wrapped(wrap);
  const Translated made = translate(wrap.fence, wrapped);
  wrapped.add(made.before);
  wrapped.add({runtime_of(wrap.fence)});
  if (wrap.log_fd >= 0) {  // its own log; bubblewrap closes it before the command starts
    wrapped.add({"--json-status-fd", std::to_string(wrap.log_fd)});
  }
  wrapped.add({"--args", std::to_string(wrapped.add_file(args_text(made.options, wrap))), "--"});
  wrapped.add(wrap.argv);
  if (const Status fits = wrapped.check(); !fits.ok()) {
    raise(fits);
  }
  return json::serialize(wrapped.document());
}

}  // namespace ktl::sandbox_bwrap
