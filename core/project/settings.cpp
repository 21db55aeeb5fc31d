#include "core/project/settings.h"

#include <array>

#include "core/document/schema_rules.h"

namespace ktl {
namespace {

// "key=value" as one field of comma separated values (RFC 4180).
std::string csv_field(std::string_view key, std::string_view value) {
  std::string field = std::string(key) + "=" + std::string(value);
  if (field.find_first_of(",\"") == std::string::npos) {
    return field;
  }
  std::string quoted = "\"";
  for (char c : field) {
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  }
  return quoted + "\"";
}

// {id: npm, src: .npmrc} as "id=npm,src=/abs/.npmrc"; the value of `path_key` is a path.
std::string csv_record(const ProjectSource& source, const json::object& fields,
                       std::string_view path_key) {
  std::string record;
  for (const auto& field : fields) {
    std::string value(field.value().get_string());
    bool path = field.key() == path_key && value != "-";
    record +=
        (record.empty() ? "" : ",") + csv_field(field.key(), path ? source.absolute(value) : value);
  }
  return record;
}

using Words = std::vector<std::string>;

Words text_words(const ProjectSource& /*source*/, const json::value& value) {
  return {std::string(value.get_string())};
}

Words path_words(const ProjectSource& source, const json::value& value) {
  return {source.absolute(value.get_string())};
}

Words switch_words(const ProjectSource& /*source*/, const json::value& value) {
  return {value.get_bool() ? "true" : "false"};
}

Words list_words(const ProjectSource& /*source*/, const json::value& value) {
  Words words;
  for (const auto& element : value.get_array()) {
    words.emplace_back(element.get_string());
  }
  return words;
}

Words secret_words(const ProjectSource& source, const json::value& value) {
  Words words;
  for (const auto& element : value.get_array()) {
    words.push_back(element.is_string() ? std::string(element.get_string())
                                        : csv_record(source, element.get_object(), "src"));
  }
  return words;
}

Words output_words(const ProjectSource& source, const json::value& value) {
  Words words;
  for (const auto& element : value.get_array()) {
    words.push_back(csv_record(source, element.get_object(), "dest"));
  }
  return words;
}

// The value of a mapping's member, for a flag that takes NAME=VALUE.
std::string pair_text(const ProjectSource& /*source*/, const json::value& value) {
  return std::string(value.get_string());
}

std::string context_text(const ProjectSource& source, const json::value& value) {
  return is_address(value.get_string()) ? std::string(value.get_string())
                                        : source.absolute(value.get_string());
}

// How a key of a target becomes words: a list of them, or one pair a member.
struct Key {
  std::string_view name;
  std::string_view option;
  Words (*words)(const ProjectSource&, const json::value&) = nullptr;
  std::string (*pair)(const ProjectSource&, const json::value&) = nullptr;
};
constexpr std::array<Key, 12> kKeys = {{
    {"file", "file", path_words},
    {"target", "target", text_words},
    {"platforms", "platform", list_words},
    {"tags", "tag", list_words},
    {"args", "build-arg", nullptr, pair_text},
    {"labels", "label", nullptr, pair_text},
    {"contexts", "build-context", nullptr, context_text},
    {"secrets", "secret", secret_words},
    {"outputs", "output", output_words},
    {"network", "network", text_words},
    {"pull", "pull", switch_words},
    {"no-cache", "no-cache", switch_words},
}};

class Adder {
 public:
  Adder(const ProjectSource& source, ProjectSettings& into) : source_(source), into_(into) {}

  void add(std::string_view option, Words words, const std::string& pointer) {
    into_.push_back({std::string(option), std::move(words), source_.place(pointer),
                     source_.file.parent_path().native(), source_.is_overridden(pointer)});
  }

  template <class Pair>
  void add_pairs(std::string_view option, const json::value& mapping, const std::string& pointer,
                 Pair pair) {
    for (const auto& member : mapping.get_object()) {
      add(option, {std::string(member.key()) + "=" + pair(source_, member.value())},
          pointer + pointer_step(member.key()));
    }
  }

  void add_flag(std::string_view option, const json::value& value, const std::string& pointer) {
    switch (value.kind()) {
      case json::kind::string:
        return add(option, text_words(source_, value), pointer);
      case json::kind::bool_:
        return add(option, switch_words(source_, value), pointer);
      case json::kind::array:
        return add(option, list_words(source_, value), pointer);
      case json::kind::object:
        return add_pairs(option, value, pointer, pair_text);
      default:
        return add(option, {json::serialize(value)}, pointer);
    }
  }

 private:
  const ProjectSource& source_;
  ProjectSettings& into_;
};

}  // namespace

void add_target_settings(const ProjectSource& source, std::string_view pointer,
                         const json::value& mapping, ProjectSettings& into) {
  Adder adder(source, into);
  for (const Key& key : kKeys) {
    const json::value* value = field_of(mapping, key.name);
    std::string here = std::string(pointer) + pointer_step(key.name);
    if (value != nullptr && key.pair != nullptr) {
      adder.add_pairs(key.option, *value, here, key.pair);
    } else if (value != nullptr) {
      adder.add(key.option, key.words(source, *value), here);
    }
  }
}

void add_flag_settings(const ProjectSource& source, std::string_view pointer,
                       const json::value& mapping, ProjectSettings& into) {
  Adder adder(source, into);
  for (const auto& member : mapping.get_object()) {
    adder.add_flag(member.key(), member.value(), std::string(pointer) + pointer_step(member.key()));
  }
}

}  // namespace ktl
