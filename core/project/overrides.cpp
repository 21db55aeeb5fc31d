#include "core/project/overrides.h"

#include <algorithm>

#include "base/suggest.h"
#include "core/document/schema_rules.h"
#include "core/document/schemas.h"
#include "yaml/yaml_scalar.h"

namespace ktl {
namespace {

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> pieces;
  for (size_t start = 0; start <= text.size();) {
    size_t end = std::min(text.find(by, start), text.size());
    pieces.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return pieces;
}

std::vector<std::string> names_in(const json::value* mapping) {
  std::vector<std::string> names;
  if (mapping != nullptr && mapping->is_object()) {
    for (const auto& member : mapping->get_object()) {
      names.emplace_back(member.key());
    }
  }
  return names;
}

// One override, taken apart.
class Setter {
 public:
  Setter(const Override& given, const json::value& schema, json::value& document,
         std::map<std::string, std::string, std::less<>>& overridden)
      : given_(given), schema_(schema), document_(document), overridden_(overridden) {
    std::string_view text = given.text;
    value_ = text.substr(std::min(text.find('=') + 1, text.size()));
    std::string_view path = text.substr(0, text.find('='));
    target_ = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(target_.size() + 1, path.size()));
    key_ = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(key_.size() + 1, path.size()));
    member_ = path;
  }

  Status apply() {
    if (given_.text.find('=') == std::string::npos || target_.empty() || key_.empty()) {
      return fault("\"" + given_.text.substr(0, given_.text.find('=')) + "\" names no value")
          .advise("write --set TARGET.KEY=VALUE, e.g. --set api.pull=true");
    }
    json::object* root = document_.if_object();
    json::value* all = root == nullptr ? nullptr : root->if_contains("targets");
    json::object* targets = all == nullptr ? nullptr : all->if_object();
    if (targets == nullptr || targets->empty()) {
      return fault("there are no targets to set anything in")
          .advise("--set changes targets of ktl.yaml; flags change every build");
    }
    if (target_ != "*" && !targets->contains(target_)) {
      return fault("there is no target " + std::string(target_))
          .advise(did_you_mean(target_, names_in(all)));
    }
    for (auto& target : *targets) {
      if (target_ == "*" || target.key() == target_) {
        KTL_TRY(set(target.key(), target.value()));
      }
    }
    return {};
  }

 private:
  [[nodiscard]] std::string origin() const {
    return "flag --set " + given_.text.substr(0, given_.text.find('='));
  }
  [[nodiscard]] Status fault(const std::string& message) const {
    return Status(Code::kInvalidArgument, message).at(origin());
  }

  Status set(std::string_view name, json::value& target) {
    if (!target.is_object()) {
      return {};  // the schema will say so, with the place in the file
    }
    const json::value* shape = resolved_schema(schema_, field_of(*definitions(), "target"));
    const json::value* node =
        resolved_schema(schema_, field_of(*field_of(*shape, "properties"), key_));
    if (node == nullptr) {
      return fault("a target has no \"" + std::string(key_) + "\"")
          .advise(did_you_mean(key_, names_in(field_of(*shape, "properties"))));
    }
    std::string pointer = "/targets" + pointer_step(name) + pointer_step(key_);
    std::string_view type = text_of(*node, "type");
    if ((type == "object") == member_.empty()) {
      return fault(member_.empty() ? "\"" + std::string(key_) + "\" holds several values"
                                   : "\"" + std::string(key_) + "\" is one value")
          .advise(member_.empty() ? "name one of them: --set " + std::string(target_) + "." +
                                        std::string(key_) + ".NAME=VALUE"
                                  : "");
    }
    return put(type, *node, pointer, target.get_object());
  }

  Status put(std::string_view type, const json::value& node, std::string pointer,
             json::object& target) {
    bool again = overridden_.contains(pointer);
    json::value& slot = target[key_];
    if (type == "object") {
      pointer += pointer_step(member_);
      if (!slot.is_object()) {
        slot.emplace_object();
      }
      slot.get_object()[member_] = path_or_text();
    } else if (type == "array") {
      if (!again || !slot.is_array()) {
        slot.emplace_array();
      }
      add_elements(resolved_schema(schema_, field_of(node, "items")), slot.get_array());
    } else if (type == "boolean") {
      auto scalar = yaml_scalar(value_);
      slot = scalar.ok() ? *scalar : json::value(value_);
    } else {
      slot = path_or_text();
    }
    overridden_[pointer] = origin();
    return {};
  }

  // "type=local,dest=out" for a list of mappings, anything else as it is.
  [[nodiscard]] json::value element_of(std::string_view word, const json::value* schema) const {
    bool mapping = schema != nullptr && text_of(*schema, "type") == "object";
    bool either = schema != nullptr && field_of(*schema, "anyOf") != nullptr;
    if (!mapping && !(either && word.find('=') != std::string_view::npos)) {
      return json::value(word);
    }
    json::object fields;
    for (std::string_view piece : split(word, ',')) {
      size_t equals = std::min(piece.find('='), piece.size());
      auto key = piece.substr(0, equals);
      auto value = piece.substr(std::min(equals + 1, piece.size()));
      bool path = (key == "src" || key == "dest") && value != "-";
      fields[key] = path ? from_directory(value) : json::value(value);
    }
    return fields;
  }

  // Paths on the command line start from the working directory.
  [[nodiscard]] json::value from_directory(std::string_view path) const {
    return json::value((std::filesystem::path(given_.directory) / path).native());
  }

  void add_elements(const json::value* schema, json::array& into) const {
    if (schema == nullptr || text_of(*schema, "type") != "string") {
      into.push_back(element_of(value_, schema));
      return;
    }
    for (std::string_view word : split(value_, ',')) {
      into.push_back(element_of(word, schema));
    }
  }

  [[nodiscard]] json::value path_or_text() const {
    bool folder = (key_ == "context" || key_ == "contexts") && !is_address(value_);
    return key_ == "file" || folder ? from_directory(value_) : json::value(value_);
  }

  [[nodiscard]] const json::value* definitions() const { return field_of(schema_, "definitions"); }

  const Override& given_;
  const json::value& schema_;
  json::value& document_;
  std::map<std::string, std::string, std::less<>>& overridden_;
  std::string_view target_;
  std::string_view key_;
  std::string_view member_;
  std::string_view value_;
};

}  // namespace

Status apply_overrides(const std::vector<Override>& overrides, json::value& document,
                       std::map<std::string, std::string, std::less<>>& overridden) {
  if (overrides.empty()) {
    return {};
  }
  KTL_ASSIGN(json::value schema, parse_json(schema_text("project-1")));
  for (const Override& each : overrides) {
    KTL_TRY(Setter(each, schema, document, overridden).apply());
  }
  return {};
}

}  // namespace ktl
