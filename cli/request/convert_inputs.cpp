#include "cli/request/convert_inputs.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "cli/options/value.h"
#include "cli/request/convert.h"
#include "dockerfile/sources.h"

namespace ktl::cli {
namespace {

constexpr size_t kMaxProgramWords = 64;  // these two as the schema has them
constexpr size_t kMaxProgram = 1024;
constexpr std::string_view kOciLayout = "oci-layout://";

// "manifest" or "manifest[linux/amd64]".
bool is_level(std::string_view text) {
  constexpr std::array<std::string_view, 4> kLevels = {"manifest", "index", "manifest-descriptor",
                                                       "index-descriptor"};
  const size_t bracket = text.find('[');
  const std::string_view platform =
      bracket == std::string_view::npos ? std::string_view() : text.substr(bracket);
  const bool closed = platform.empty() || (platform.size() > 2 && platform.ends_with(']') &&
                                           platform.find_first_of("[]", 1) == platform.size() - 1);
  return closed && std::ranges::find(kLevels, text.substr(0, bracket)) != kLevels.end();
}

bool is_method(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  };
  return !text.empty() && text.size() <= 64 && text[0] >= 'a' && text[0] <= 'z' &&
         std::ranges::all_of(text, fits);
}

Result<std::string> local_folder(const std::string& name, const std::string& value,
                                 const Surroundings& surroundings) {
  std::string path = absolute(surroundings.directory, value);
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) {
    return Status(Code::kInvalidArgument, "--build-context " + name + ": " + path + " is no folder")
        .advise("name a folder, docker-image://IMAGE, oci-layout://FOLDER or a URL");
  }
  return path;
}

}  // namespace

Result<std::map<std::string, std::string>> read_annotation(const std::string& word) {
  const size_t equals = word.find('=');
  const std::string key = word.substr(0, equals);
  if (equals == std::string::npos || key.empty()) {
    return Status(Code::kInvalidArgument, "--annotation needs KEY=VALUE")
        .advise("write --annotation KEY=VALUE or --annotation index:KEY=VALUE");
  }
  const std::string value = word.substr(equals + 1);
  const size_t colon = key.find(':');
  std::map<std::string, std::string> made;
  if (colon == std::string::npos) {
    made[key] = value;
    return made;
  }
  for (const std::string& level : split_commas(std::string_view(key).substr(0, colon))) {
    if (!is_level(level)) {
      return Status(Code::kInvalidArgument,
                    "--annotation does not know the level \"" + level + "\"")
          .advise(
              "the levels are manifest, index, manifest-descriptor and index-descriptor, each "
              "also for one platform: manifest[linux/amd64]:KEY=VALUE");
    }
    made[level + key.substr(colon)] = value;
  }
  return made;
}

Result<std::pair<std::string, std::string>> read_build_context(const std::string& word,
                                                               const Surroundings& surroundings) {
  const size_t equals = word.find('=');
  const std::string name = word.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
  if (name.empty() || value.empty()) {
    return Status(Code::kInvalidArgument, "--build-context needs NAME=VALUE")
        .advise("VALUE is a folder, docker-image://IMAGE, oci-layout://FOLDER or a URL");
  }
  if (value.starts_with("target:")) {
    return Status(Code::kInvalidArgument,
                  "--build-context " + name + ": \"" + value + "\" can only be said in ktl.yaml")
        .advise("list the target under `needs` there");
  }
  if (value.starts_with(kOciLayout)) {
    const std::string path = value.substr(kOciLayout.size());
    return std::pair(name, std::string(kOciLayout) + absolute(surroundings.directory, path));
  }
  if (value.starts_with("docker-image://") || is_remote_context(value)) {
    return std::pair(name, value);
  }
  KTL_ASSIGN(std::string folder, local_folder(name, value, surroundings));
  return std::pair(name, std::move(folder));
}

Result<json::object> read_call(const std::string& word) {
  json::object call{{"method", ""}, {"format", "text"}, {"ignore_status", false}};
  for (const std::string& field : split_commas(word)) {
    const size_t equals = field.find('=');
    const std::string value = equals == std::string::npos ? "" : field.substr(equals + 1);
    if (equals == std::string::npos && call["method"].as_string().empty()) {
      call["method"] = field == "check" ? "lint" : field;
    } else if (field.starts_with("format=") && (value == "text" || value == "json")) {
      call["format"] = value;
    } else if (field.starts_with("ignorestatus=") && parse_bool(value).ok()) {
      call["ignore_status"] = *parse_bool(value);
    } else {
      return Status(Code::kInvalidArgument, "--call does not understand \"" + field + "\"")
          .advise(
              "write METHOD[,format=text|json][,ignorestatus=true], METHOD being check, "
              "outline, targets or another of the frontend");
    }
  }
  if (!is_method(call["method"].as_string())) {
    return Status(Code::kInvalidArgument, "--call needs the name of a method")
        .advise("the Dockerfile frontend has check, outline and targets");
  }
  return call["method"] == "build" ? json::object() : std::move(call);
}

Result<std::vector<std::string>> read_program(const std::string& text) {
  std::vector<std::string> words;
  char quote = 0;
  bool within = false;  // a word, which may be empty: ''
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool blank = quote == 0 && (c == ' ' || c == '\t' || c == '\n');
    if (!blank && !within) {
      words.emplace_back();
    }
    within = !blank;
    if (quote != 0 ? c == quote : c == '\'' || c == '"') {
      quote = quote == 0 ? c : char{0};
    } else if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      words.back() += text[++i];
    } else if (!blank) {
      words.back() += c;
    }
  }
  if (quote != 0 || words.empty() || words.size() > kMaxProgramWords || text.size() > kMaxProgram ||
      valid_utf8(text) != text) {
    return Status(Code::kInvalidArgument,
                  "--interactive-shell does not name a program: " +
                      std::string(quote != 0 ? "a quote stays open" : "write PROGRAM [ARGS]"))
        .advise("for example --interactive-shell /bin/bash");
  }
  return words;
}

bool is_remote_context(const std::string& word) {
  return dockerfile::origin_of(word) != dockerfile::Origin::kLocal ||
         word.starts_with("github.com/");
}

}  // namespace ktl::cli
