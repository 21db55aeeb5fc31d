#include "cli/request/convert.h"

#include <fmt/ranges.h>

#include <array>

#include "base/number.h"
#include "cli/options/value.h"
#include "cli/request/convert_entries.h"
#include "cli/request/convert_inputs.h"
#include "cli/request/convert_limits.h"
#include "cli/request/secrets.h"

namespace ktl::cli {
namespace {

Result<json::value> to_bool(const Option& /*option*/, const Setting& setting,
                            const Surroundings& /*surroundings*/) {
  KTL_ASSIGN(bool value, parse_bool(setting.words.back()));
  return json::value(value);
}

Result<json::value> to_text(const Option& /*option*/, const Setting& setting,
                            const Surroundings& /*surroundings*/) {
  return json::value(setting.words.back());
}

Result<json::value> to_path(const Option& option, const Setting& setting,
                            const Surroundings& surroundings) {
  if (setting.words.back().empty()) {
    return Status(Code::kInvalidArgument, "--" + option.name + " needs a file name");
  }
  return json::value(absolute(surroundings.directory, setting.words.back()));
}

Result<json::value> to_int(const Option& /*option*/, const Setting& setting,
                           const Surroundings& /*surroundings*/) {
  return json::value(whole_number(setting.words.back()).value_or(0));
}

Result<json::value> to_bytes(const Option& option, const Setting& setting,
                             const Surroundings& /*surroundings*/) {
  Result<int64_t> bytes = read_bytes(setting.words.back());
  if (!bytes.ok()) {
    return std::move(bytes).status().in("--" + option.name);
  }
  return json::value(*bytes);
}

Result<json::value> to_call(const Option& /*option*/, const Setting& setting,
                            const Surroundings& /*surroundings*/) {
  KTL_ASSIGN(json::object call, read_call(setting.words.back()));
  return json::value(std::move(call));
}

Result<json::value> to_words(const Option& /*option*/, const Setting& setting,
                             const Surroundings& /*surroundings*/) {
  json::array list;
  for (const std::string& word : setting.words) {
    for (const std::string& piece : split_commas(word)) {
      list.emplace_back(piece);
    }
  }
  return json::value(std::move(list));
}

Result<json::value> to_plain_list(const Option& /*option*/, const Setting& setting,
                                  const Surroundings& /*surroundings*/) {
  return json::value_from(setting.words);
}

// K=V pairs; `alone` says what a K without "=" means, null: the pair is left out.
template <class Alone>
Result<json::value> to_pairs(const Option& option, const Setting& setting, const Alone& alone) {
  json::object pairs;
  for (const std::string& word : setting.words) {
    size_t equals = word.find('=');
    std::string key = word.substr(0, equals);
    if (key.empty()) {
      return Status(Code::kInvalidArgument, "--" + option.name + " needs a name before \"=\"")
          .advise("write --" + option.name + " NAME=VALUE");
    }
    if (equals != std::string::npos) {
      pairs[key] = word.substr(equals + 1);
    } else if (const std::string* value = alone(key)) {
      pairs[key] = *value;
    }
  }
  return json::value(std::move(pairs));
}

// An unset variable leaves the Dockerfile's own default, as with docker.
Result<json::value> to_args(const Option& option, const Setting& setting,
                            const Surroundings& surroundings) {
  return to_pairs(option, setting,
                  [&](const std::string& key) { return surroundings.environment.get(key); });
}

Result<json::value> to_labels(const Option& option, const Setting& setting,
                              const Surroundings& /*surroundings*/) {
  static const std::string kEmpty;
  return to_pairs(option, setting, [](const std::string&) { return &kEmpty; });
}

template <auto Read>
Result<json::value> to_list(const Option& /*option*/, const Setting& setting,
                            const Surroundings& surroundings) {
  json::array list;
  for (const std::string& word : setting.words) {
    KTL_ASSIGN(json::object entry, Read(word, surroundings));
    list.emplace_back(std::move(entry));
  }
  return json::value(std::move(list));
}

// Every word gives one text, or several.
Result<json::value> to_hosts(const Option& /*option*/, const Setting& setting,
                             const Surroundings& /*surroundings*/) {
  json::array list;
  for (const std::string& word : setting.words) {
    KTL_ASSIGN(std::vector<std::string> hosts, read_host(word));
    list.insert(list.end(), hosts.begin(), hosts.end());
  }
  return json::value(std::move(list));
}

Result<json::value> to_ulimits(const Option& /*option*/, const Setting& setting,
                               const Surroundings& /*surroundings*/) {
  std::map<std::string, std::string> by_name;  // of two limits for one name the later one counts
  for (const std::string& word : setting.words) {
    KTL_ASSIGN(std::string limit, read_ulimit(word));
    by_name[limit.substr(0, limit.find('='))] = limit;
  }
  json::array list;
  for (const auto& [name, limit] : by_name) {
    list.emplace_back(limit);
  }
  return json::value(std::move(list));
}

Result<json::value> to_resources(const Option& /*option*/, const Setting& setting,
                                 const Surroundings& /*surroundings*/) {
  json::object made;
  for (const std::string& word : setting.words) {
    KTL_ASSIGN(auto limit, read_resource(word));
    made[limit.first] = limit.second;
  }
  return json::value(std::move(made));
}

Result<json::value> to_annotations(const Option& /*option*/, const Setting& setting,
                                   const Surroundings& /*surroundings*/) {
  json::object made;
  for (const std::string& word : setting.words) {
    KTL_ASSIGN(auto entries, read_annotation(word));
    for (const auto& [key, value] : entries) {
      made[key] = value;
    }
  }
  return json::value(std::move(made));
}

Result<json::value> to_contexts(const Option& /*option*/, const Setting& setting,
                                const Surroundings& surroundings) {
  json::object made;
  for (const std::string& word : setting.words) {
    KTL_ASSIGN(auto context, read_build_context(word, surroundings));
    made[context.first] = context.second;
  }
  return json::value(std::move(made));
}

template <auto Read>
Result<json::value> to_caches(const Option& /*option*/, const Setting& setting,
                              const Surroundings& surroundings) {
  json::array list;
  for (const std::string& word : setting.words) {
    KTL_ASSIGN(auto entries, Read(word, surroundings));
    list.insert(list.end(), entries.begin(), entries.end());
  }
  return json::value(std::move(list));
}

Result<json::value> to_outputs(const Option& /*option*/, const Setting& setting,
                               const Surroundings& surroundings) {
  json::array list;
  for (const std::string& word : setting.words) {
    if (!is_display_mode(word)) {
      KTL_ASSIGN(json::object output, read_output(word, surroundings));
      list.emplace_back(std::move(output));
    }
  }
  return json::value(std::move(list));
}

Result<json::value> to_builders(const Option& /*option*/, const Setting& setting,
                                const Surroundings& /*surroundings*/) {
  return json::value(fmt::format("{}", fmt::join(setting.words, "\n")));
}

Result<json::value> to_places(const Option& option, const Setting& setting,
                              const Surroundings& surroundings) {
  json::array list;
  for (const std::string& word : setting.words) {
    if (word.empty()) {
      return Status(Code::kInvalidArgument, "--" + option.name + " needs a file, folder or URL");
    }
    list.emplace_back(absolute_place(surroundings.directory, word));
  }
  return json::value(std::move(list));
}

using Converter = Result<json::value> (*)(const Option&, const Setting&, const Surroundings&);
// In the order of Shape.
constexpr std::array<Converter, 22> kConverters = {to_bool,
                                                   to_text,
                                                   to_path,
                                                   to_int,
                                                   to_bytes,
                                                   to_call,
                                                   to_words,
                                                   to_plain_list,
                                                   to_args,
                                                   to_labels,
                                                   to_list<read_secret>,
                                                   to_list<read_ssh>,
                                                   to_hosts,
                                                   to_ulimits,
                                                   to_resources,
                                                   to_annotations,
                                                   to_contexts,
                                                   to_caches<read_cache_from>,
                                                   to_caches<read_cache_to>,
                                                   to_outputs,
                                                   to_builders,
                                                   to_places};

}  // namespace

Result<json::value> convert(const Option& option, const Setting& setting,
                            const Surroundings& surroundings) {
  return kConverters[static_cast<size_t>(option.shape)](option, setting, surroundings);
}

std::string absolute(const std::filesystem::path& directory, const std::string& path) {
  std::string made = (directory / path).lexically_normal().string();
  if (made.size() > 1 && made.ends_with('/')) {
    made.pop_back();
  }
  return made;
}

std::string absolute_place(const std::filesystem::path& directory, const std::string& word) {
  return word.find("://") == std::string::npos ? absolute(directory, word) : word;
}

std::vector<std::string> split_commas(std::string_view text) {
  std::vector<std::string> pieces;
  for (size_t start = 0; start <= text.size();) {
    size_t end = std::min(text.find(',', start), text.size());
    if (end > start) {
      pieces.emplace_back(text.substr(start, end - start));
    }
    start = end + 1;
  }
  return pieces;
}

Result<std::vector<std::string>> split_record(std::string_view text) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    bool doubled = quoted && i + 1 < text.size() && text[i] == '"' && text[i + 1] == '"';
    if (text[i] == '"' && !doubled) {
      quoted = !quoted;
    } else if (text[i] == ',' && !quoted) {
      fields.emplace_back();
    } else {
      i += doubled ? 1 : 0;
      fields.back() += text[i];
    }
  }
  if (quoted) {
    return Status(Code::kInvalidArgument, "a double quote is not closed");
  }
  return fields;
}

}  // namespace ktl::cli
