#include "builder/state_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "base/fd.h"
#include "base/json.h"
#include "base/process.h"
#include "builder/jail.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxFile = 64U << 10U;
constexpr size_t kMaxVersion = 200;
constexpr int64_t kRemoveMs = 600'000;

// Its files belong to sub-ids, and their names were chosen by strangers: they are removed in the
// jail.
Status remove_state(const Site& site) {
  KTL_ASSIGN(Command remove, jail_command(site, {"/usr/bin/find", "/var/lib/buildkit", "-xdev",
                                                 "-mindepth", "1", "-delete"}));
  remove.timeout_ms = kRemoveMs;
  KTL_ASSIGN(Output output, system_processes().run(remove));
  if (output.exit_code != 0) {
    return {Code::kFailedPrecondition,
            "cannot remove " + site.home.root().string() + ": " + valid_utf8(output.err)};
  }
  return {};
}

}  // namespace

std::optional<Version> version_in(const std::string& text) {
  static const std::regex kVersion("\\bv([0-9]{1,4})\\.([0-9]{1,4})\\b");
  std::smatch hit;
  if (!std::regex_search(text, hit, kVersion)) {
    return std::nullopt;
  }
  return Version{std::stoi(hit[1]), std::stoi(hit[2])};
}

Result<std::string> settle_state(const Site& site) {
  auto text = read_file(site.home.made_by(), kMaxFile);
  auto known = text.ok() ? parse_json(*text, kMaxFile) : Result<json::value>(text.status());
  std::string identity = program_identity(site.programs.buildkitd);
  if (known.ok() && text_of(*known, "program") == identity) {
    return std::string();
  }
  Command ask;
  ask.argv = {site.programs.buildkitd, "--version"};
  KTL_ASSIGN(Output output, system_processes().run(ask));
  std::string said = valid_utf8(output.out.substr(0, std::min(output.out.find('\n'), kMaxVersion)));
  auto now = version_in(said);
  auto before = known.ok() ? version_in(std::string(text_of(*known, "version"))) : std::nullopt;
  std::string done;
  if (now && before && *now < *before) {
    KTL_TRY(remove_state(site));
    done = fmt::format("dropped the state that a newer daemon ({}) had written for {}",
                       text_of(*known, "version"), said);
  }
  json::object record{
      {"schema", "ktl.builder-made-by/1"}, {"program", identity}, {"version", said}};
  KTL_TRY(write_file_atomic(site.home.made_by(), pretty_json(record), 0600));
  return done;
}

}  // namespace ktl::builder
