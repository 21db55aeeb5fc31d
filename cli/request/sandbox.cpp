#include "cli/request/sandbox.h"

#include <array>

#include "cli/options/value.h"

namespace ktl::cli {
namespace {

// What says where a fence is to be made of says that there has to be one.
constexpr std::array<const char*, 4> kImplying = {"sandbox-config", "sandbox-bin", "sandbox-bind",
                                                  "sandbox-workdir"};

std::vector<std::string> words_of(const Settings& settings, const char* name) {
  const auto found = settings.find(name);
  return found == settings.end() ? std::vector<std::string>() : found->second.words;
}

Status refuse_bind(const std::string& word, const std::string& why) {
  return Status(Code::kInvalidArgument, "--sandbox-bind " + word + ": " + why)
      .advise("write SRC:DST or SRC:DST:rw with an absolute DST");
}

Result<json::object> bind_of(const std::string& word, const std::filesystem::path& directory) {
  std::string rest = word;
  std::string mode = "ro";
  for (const char* known : {"ro", "rw"}) {
    if (rest.ends_with(std::string(":") + known)) {
      mode = known;
      rest.resize(rest.size() - 3);
      break;
    }
  }
  const size_t colon = rest.find(':');
  if (colon == std::string::npos || colon == 0 || rest.find(':', colon + 1) != std::string::npos) {
    return refuse_bind(word, "is not SRC:DST[:ro|rw]");
  }
  const std::filesystem::path dst =
      std::filesystem::path(rest.substr(colon + 1)).lexically_normal();
  if (!dst.is_absolute()) {
    return refuse_bind(word, "the place inside has to be absolute");
  }
  return json::object{
      {"src", absolute(directory, rest.substr(0, colon))}, {"dst", dst.native()}, {"mode", mode}};
}

Result<json::array> binds_of(const Settings& settings, const Surroundings& surroundings) {
  json::array binds;
  for (const std::string& word : words_of(settings, "sandbox-bind")) {
    KTL_ASSIGN(json::object bind, bind_of(word, surroundings.directory));
    binds.push_back(std::move(bind));
  }
  if (flag_of(settings, "sandbox-bind-home")) {
    const std::string home = surroundings.environment.text("HOME");
    if (!home.starts_with('/')) {
      return Status(Code::kInvalidArgument, "--sandbox-bind-home: HOME names no folder");
    }
    binds.push_back(json::object{{"src", home}, {"dst", home}, {"mode", "ro"}});
  }
  return binds;
}

std::string demand_of(const Settings& settings, bool& implied) {
  implied = false;
  if (flag_of(settings, "sandbox")) {
    return "--sandbox";
  }
  for (const char* name : kImplying) {
    if (!word_of(settings, name).empty()) {
      implied = true;
      return "--" + std::string(name);
    }
  }
  return {};
}

Result<bool> is_disabled(const Surroundings& surroundings) {
  const std::string word = surroundings.environment.text("KTL_SANDBOX_DISABLE");
  auto value = word.empty() ? Result<bool>(false) : parse_bool(word);
  return value.ok() ? value : std::move(value).status().in("KTL_SANDBOX_DISABLE");
}

// Credentials that are bound to where docker looks for them are the build's; the file itself stays
// with the keeper.
void take_auth_file(const json::array& binds, const std::string& workdir, json::object& request) {
  for (const json::value& bind : binds) {
    if (text_of(bind, "dst") == workdir + "/.docker/config.json" && !request.contains("authfile")) {
      request["authfile"] = text_of(bind, "src");
    }
  }
}

}  // namespace

Status settle_sandbox(const Settings& settings, const Surroundings& surroundings,
                      json::object& request) {
  KTL_ASSIGN(json::array binds, binds_of(settings, surroundings));
  const std::string workdir =
      std::filesystem::path(word_of(settings, "sandbox-workdir", "/workspace")).lexically_normal();
  if (!workdir.starts_with('/') || workdir == "/") {
    return Status(Code::kInvalidArgument, "--sandbox-workdir needs an absolute path below /")
        .advise("for example /workspace");
  }
  json::array paths;
  for (const std::string& path : words_of(settings, "sandbox-probe-path")) {
    if (!path.starts_with('/')) {
      return Status(Code::kInvalidArgument,
                    "--sandbox-probe-path needs an absolute path, not " + path);
    }
    paths.emplace_back(path);
  }
  const auto path_of = [&](const char* name) {
    const std::string word = word_of(settings, name);
    return word.empty() ? word : absolute(surroundings.directory, word);
  };
  KTL_ASSIGN(const bool disabled, is_disabled(surroundings));
  take_auth_file(binds, workdir, request);
  bool implied = false;
  std::string demand = demand_of(settings, implied);
  request["sandbox"] = json::object{{"demand", std::move(demand)},
                                    {"implied", implied},
                                    {"disabled", disabled},
                                    {"config", path_of("sandbox-config")},
                                    {"runtime", path_of("sandbox-bin")},
                                    {"workdir", workdir},
                                    {"network", "policy"},
                                    {"binds", std::move(binds)},
                                    {"probe_paths", std::move(paths)},
                                    {"logs", flag_of(settings, "sandbox-logs")}};
  return {};
}

}  // namespace ktl::cli
