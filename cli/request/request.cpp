#include "cli/request/request.h"

#include <algorithm>
#include <array>

namespace ktl::cli {
namespace {

bool is_url(const std::string& word) {
  constexpr std::array<std::string_view, 3> kStarts = {"git@", "github.com/", "gitlab.com/"};
  return word.find("://") != std::string::npos ||
         std::any_of(kStarts.begin(), kStarts.end(),
                     [&](std::string_view start) { return word.starts_with(start); });
}

Result<std::string> context_of(const std::vector<std::string>& words,
                               const Surroundings& surroundings) {
  if (words.empty() || words[0].empty()) {
    return Status(Code::kInvalidArgument, "ktl build needs the folder to build from")
        .advise("for the current one: ktl build .");
  }
  if (words.size() > 1) {
    return Status(Code::kInvalidArgument,
                  "ktl build takes one context, not \"" + words[0] + "\" and \"" + words[1] + "\"")
        .advise("flags with an optional value take it with \"=\": --oci=DIR");
  }
  if (words[0] == "-" || is_url(words[0])) {
    return Status(Code::kInvalidArgument, "a context from " + words[0] + ": not built yet")
        .advise("name a folder");
  }
  return absolute(surroundings.directory, words[0]);
}

Status put(const Option& option, const Setting& setting, const Surroundings& surroundings,
           json::object& request) {
  if (setting.words.empty() || (option.field.empty() && option.plugin.empty())) {
    return {};
  }
  KTL_ASSIGN(json::value value, convert(option, setting, surroundings));
  json::object& origin = request["origin"].as_object();
  if (option.plugin.empty()) {
    request[option.field] = std::move(value);
    origin[option.field] = setting.origin;
    return {};
  }
  json::value& options = request["options"].as_object()[option.plugin];
  if (!options.is_object()) {
    options.emplace_object();
  }
  options.get_object()[option.name] = std::move(value);
  origin["options." + option.plugin + "." + option.name] = setting.origin;
  return {};
}

}  // namespace

Result<std::string> display_mode(const Settings& settings) {
  std::string output = word_of(settings, "output", "auto");
  if (output != "auto" && output != "tty" && output != "logs") {
    return Status(Code::kInvalidArgument, "--output " + output + ": not built yet")
        .advise("--output takes auto, tty or logs; --oci=DIR and --push say where the image goes");
  }
  std::string mode = output == "logs" ? "plain" : output;
  std::string progress = word_of(settings, "progress", mode);
  if (mode != "auto" && progress != mode) {
    return Status(Code::kInvalidArgument,
                  "--output " + output + " and --progress " + progress + " contradict each other")
        .advise("give one of them");
  }
  return flag_of(settings, "quiet") && progress == "auto" ? std::string("quiet") : progress;
}

Result<json::object> make_request(const FlagSet& flags, const Settings& settings,
                                  const std::vector<std::string>& words,
                                  const Surroundings& surroundings) {
  KTL_ASSIGN(std::string context, context_of(words, surroundings));
  KTL_ASSIGN(std::string progress, display_mode(settings));
  if (word_of(settings, "file") == "-") {
    return Status(Code::kInvalidArgument, "--file -: not built yet").advise("name a file");
  }
  json::object request = {{"schema", "ktl.request/1"},
                          {"command", "build"},
                          {"context", context},
                          {"options", json::object()},
                          {"origin", json::object()}};
  for (const Option& option : flags.options()) {
    auto found = settings.find(option.name);
    if (found != settings.end()) {
      KTL_TRY(put(option, found->second, surroundings, request));
    }
  }
  request["progress"] = progress;
  return request;
}

}  // namespace ktl::cli
