#include "cli/request/request.h"

#include "cli/request/convert_entries.h"
#include "cli/request/convert_inputs.h"
#include "cli/request/sandbox.h"

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

std::string kind_of(const std::string& context) {
  return context == "-" ? "archive" : is_remote_context(context) ? "url" : "folder";
}

// "-" is standard input; a Dockerfile's path within a context that is no folder stays as it is.
void keep_relative_file(const Settings& settings, json::object& request) {
  const std::string file = word_of(settings, "file");
  const bool within = request["context_kind"] != "folder" && !file.empty() && file.front() != '/';
  if (within || file == "-") {
    request["file"] = file;
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

// How strong the word of an origin is; see settings.h.
int rank_of(const std::string& origin) {
  return origin.starts_with("flag") ? 3 : origin.starts_with("env ") ? 2 : 1;
}

Result<std::string> address_of(const std::string& option, const std::string& word) {
  if (option == "docker-context") {
    return "docker://" + word;
  }
  if (!word.starts_with("ssh://") && !word.starts_with("tcp://")) {
    return Status(Code::kInvalidArgument, "--remote " + word + " is no other machine")
        .advise("write ssh://[USER@]HOST or tcp://HOST:PORT; --builder takes everything else");
  }
  return word;
}

// --docker-context and --remote are other words for --builder: the one that was said last in the
// order of precedence counts, and two said at one place contradict each other.
Status choose_builder(const Settings& settings, json::object& request) {
  std::string chosen;
  int rank = 0;
  for (const char* option : {"builder", "docker-context", "remote"}) {
    auto found = settings.find(option);
    if (found == settings.end() || found->second.words.empty()) {
      continue;
    }
    const int own = rank_of(found->second.origin);
    if (own == rank) {
      return Status(Code::kInvalidArgument,
                    "--" + chosen + " and --" + option + " contradict each other")
          .at(found->second.origin)
          .advise("give one of them");
    }
    if (own < rank) {
      continue;
    }
    rank = own;
    chosen = option;
    if (chosen != "builder") {
      KTL_ASSIGN(request["builder"], address_of(chosen, found->second.words.back()));
      request["origin"].as_object()["builder"] = found->second.origin;
    }
  }
  return {};
}

// --check is --call=check in one word; a question leaves nothing that could have an id.
Status settle_call(const Settings& settings, json::object& request) {
  json::value* call = request.if_contains("call");
  const bool asked = call != nullptr && !call->as_object().empty();
  if (flag_of(settings, "check")) {
    if (asked && text_of(*call, "method") != "lint") {
      return Status(Code::kInvalidArgument, "--check and --call ask two different questions")
          .advise("give one of them");
    }
    request["call"] = asked ? *call : *read_call("check");
    request["origin"].as_object()["call"] = settings.at("check").origin;
  } else if (!asked) {
    request.erase("call");
  }
  if (request.contains("call") && request.contains("iidfile")) {
    return Status(Code::kInvalidArgument, "--call builds nothing, so there is no id for --iidfile")
        .advise("take one of them away");
  }
  return {};
}

// -i and its program.
Status settle_interactive(const Settings& settings, json::object& request) {
  if (!flag_of(settings, "interactive")) {
    const auto shell = settings.find("interactive-shell");
    const bool alone = shell != settings.end() && shell->second.origin == "flag";
    return !alone ? Status()
                  : Status(Code::kInvalidArgument, "--interactive-shell is the program of -i")
                        .advise("give -i as well");
  }
  if (request.contains("call")) {
    return Status(Code::kInvalidArgument, "--call builds nothing, so -i has no step to be in")
        .advise("take one of them away");
  }
  KTL_ASSIGN(const auto program, read_program(word_of(settings, "interactive-shell", "/bin/sh")));
  request["interactive"] = json::array(program.begin(), program.end());
  request["origin"].as_object()["interactive"] = settings.at("interactive").origin;
  return {};
}

void append(json::object& request, const char* field, json::object entry) {
  json::value& list = request[field];
  if (!list.is_array()) {
    list.emplace_array();
  }
  list.get_array().emplace_back(std::move(entry));
}

// --cache-dir is both --cache-from and --cache-to of one folder.
Status add_cache_dir(const Settings& settings, const Surroundings& surroundings,
                     json::object& request) {
  const std::string word = word_of(settings, "cache-dir");
  if (word.empty()) {
    return settings.contains("cache-dir")
               ? Status(Code::kInvalidArgument, "--cache-dir needs the name of a folder")
               : Status();
  }
  const std::string folder = absolute(surroundings.directory, word);
  append(request, "cache_from", {{"type", "local"}, {"attrs", {{"src", folder}}}});
  append(request, "cache_to",
         {{"type", "local"}, {"attrs", {{"dest", folder}, {"mode", "max"}, {"ktl-own", "true"}}}});
  json::object& origin = request["origin"].as_object();
  for (const char* field : {"cache_from", "cache_to"}) {
    origin[field] = settings.at("cache-dir").origin;
  }
  return {};
}

}  // namespace

Result<std::string> display_mode(const Settings& settings) {
  std::string output = "auto";
  if (auto found = settings.find("output"); found != settings.end()) {
    for (const std::string& word : found->second.words) {
      output = is_display_mode(word) ? word : output;
    }
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
  json::object request = {{"schema", "ktl.request/1"}, {"command", "build"},
                          {"context", context},        {"context_kind", kind_of(context)},
                          {"options", json::object()}, {"origin", json::object()}};
  for (const Option& option : flags.options()) {
    auto found = settings.find(option.name);
    if (found != settings.end()) {
      KTL_TRY(put(option, found->second, surroundings, request));
    }
  }
  KTL_TRY(choose_builder(settings, request));
  KTL_TRY(settle_call(settings, request));
  KTL_TRY(settle_interactive(settings, request));
  KTL_TRY(settle_sandbox(settings, surroundings, request));
  KTL_TRY(add_cache_dir(settings, surroundings, request));
  keep_relative_file(settings, request);
  request["progress"] = progress;
  return request;
}

}  // namespace ktl::cli
