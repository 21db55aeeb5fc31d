#include "cli/request/request.h"

namespace ktl::cli {
namespace {

// The key of "K=V", which may be alone.
std::string key_of(const std::string& word) { return word.substr(0, word.find('=')); }

// Where the value came from: one line for the field, and for a map one for each key.
void note_origin(const Option& option, const Setting& setting, const std::string& field,
                 json::object& origin) {
  origin[field] = setting.origin;
  for (size_t i = 0; is_map(option) && i < setting.words.size(); ++i) {
    origin[field + "." + key_of(setting.words[i])] =
        i < setting.origins.size() ? setting.origins[i] : setting.origin;
  }
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
    note_origin(option, setting, option.field, origin);
    return {};
  }
  json::value& options = request["options"].as_object()[option.plugin];
  if (!options.is_object()) {
    options.emplace_object();
  }
  options.get_object()[option.name] = std::move(value);
  note_origin(option, setting, "options." + option.plugin + "." + option.name, origin);
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
                                  const std::string& context, const Surroundings& surroundings) {
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
