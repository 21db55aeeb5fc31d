#include "core/document/validate.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>

#define VALIJSON_USE_EXCEPTIONS 1  // otherwise it ends the program
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "core/document/faults.h"
#include "core/document/schema_rules.h"
#include "core/document/sure.h"

namespace ktl {

struct Schema::Compiled {
  explicit Compiled(json::value text) : source(std::move(text)) {}

  // Made when a document needs it, which most do not: see sure.h. Throws.
  const valijson::Schema& schema() const {
    std::call_once(once, [this] {
      valijson::SchemaParser(valijson::SchemaParser::kDraft7)
          .populateSchema(valijson::adapters::BoostJsonAdapter(source), made);
    });
    return made;
  }

  const json::value source;
  mutable std::once_flag once;
  mutable valijson::Schema made;
};

namespace {

using Adapter = valijson::adapters::BoostJsonAdapter;

constexpr int kMaxDefaultDepth = 32;
constexpr size_t kMaxExplained = 20'000;  // values in a document whose faults are listed

// The first 1025 characters: std::regex needs stack for every character it looks at.
json::string judged(std::string_view text) {
  size_t bytes = 0;
  for (size_t characters = 0; bytes < text.size(); ++bytes) {
    bool starts = (static_cast<unsigned char>(text[bytes]) & 0xC0U) != 0x80U;
    if (starts && ++characters > kJudgedLength + 1) {
      break;
    }
  }
  return json::string(text.data(), bytes);
}

// Where text is that no JSON can hold: names and arguments may be any bytes, and the validator
// reads past the end of such text.
std::optional<std::string> place_of_no_text(const json::value& value, const std::string& path) {
  if (const auto* text = value.if_string()) {
    return is_utf8(*text) ? std::nullopt : std::optional(path);
  }
  std::optional<std::string> place;
  if (const auto* array = value.if_array()) {
    for (size_t i = 0; i < array->size() && !place; ++i) {
      place = place_of_no_text((*array)[i], path + "/" + std::to_string(i));
    }
  } else if (const auto* object = value.if_object()) {
    for (auto member = object->begin(); member != object->end() && !place; ++member) {
      place = is_utf8(member->key())
                  ? place_of_no_text(member->value(), path + pointer_step(member->key()))
                  : std::optional(path);
    }
  }
  return place;
}

bool has_long_text(const json::value& value) {
  if (const auto* text = value.if_string()) {
    return text->size() > kJudgedLength;
  }
  if (const auto* array = value.if_array()) {
    return std::any_of(array->begin(), array->end(), has_long_text);
  }
  if (const auto* object = value.if_object()) {
    return std::any_of(object->begin(), object->end(), [](const auto& member) {
      return member.key().size() > kJudgedLength || has_long_text(member.value());
    });
  }
  return false;
}

json::value shortened(const json::value& value) {
  if (const auto* text = value.if_string()) {
    return judged({text->data(), text->size()});
  }
  if (const auto* array = value.if_array()) {
    json::array copy;
    for (const auto& element : *array) {
      copy.push_back(shortened(element));
    }
    return copy;
  }
  if (const auto* object = value.if_object()) {
    json::object copy;
    for (const auto& member : *object) {
      copy[judged({member.key().data(), member.key().size()})] = shortened(member.value());
    }
    return copy;
  }
  return value;
}

size_t count_values(const json::value& value, size_t limit) {
  size_t count = 1;
  if (const auto* array = value.if_array()) {
    for (const auto& element : *array) {
      count += count < limit ? count_values(element, limit - count) : 0;
    }
  } else if (const auto* object = value.if_object()) {
    for (const auto& member : *object) {
      count += count < limit ? count_values(member.value(), limit - count) : 0;
    }
  }
  return count;
}

std::vector<Complaint> complaints_of(valijson::ValidationResults& results) {
  std::vector<Complaint> complaints;
  for (const auto& error : results) {
    Complaint complaint{{}, error.description};
    for (size_t i = 1; i < error.context.size(); ++i) {  // 0 is "<root>", the rest "[name]"
      complaint.steps.push_back(error.context[i].substr(1, error.context[i].size() - 2));
    }
    complaints.push_back(std::move(complaint));
  }
  return complaints;
}

json::value filled(const json::value& root, const json::value* node, const json::value& value,
                   int depth);

json::object filled_object(const json::value& root, const json::value* node,
                           const json::object& value, int depth) {
  json::object copy;
  for (const auto& member : value) {
    const auto* schema = member_schema(root, node, member.key(), false);
    copy.emplace(member.key(), filled(root, schema, member.value(), depth + 1));
  }
  const auto* schema = resolved_schema(root, node);
  const auto* properties = schema == nullptr ? nullptr : field_of(*schema, "properties");
  if (properties == nullptr) {
    return copy;
  }
  for (const auto& property : properties->get_object()) {
    const auto* fallback = field_of(property.value(), "default");
    if (fallback != nullptr && !copy.contains(property.key())) {
      copy.emplace(property.key(), filled(root, &property.value(), *fallback, depth + 1));
    }
  }
  return copy;
}

json::value filled(const json::value& root, const json::value* node, const json::value& value,
                   int depth) {
  if (node == nullptr || depth > kMaxDefaultDepth) {
    return value;
  }
  if (const auto* object = value.if_object()) {
    return filled_object(root, node, *object, depth);
  }
  if (const auto* array = value.if_array()) {
    json::array copy;
    for (const auto& element : *array) {
      copy.push_back(filled(root, member_schema(root, node, {}, true), element, depth + 1));
    }
    return copy;
  }
  return value;
}

}  // namespace

Result<Schema> Schema::compile(const json::value& schema) {
  KTL_TRY(check_schema_rules(schema));
  KTL_ASSIGN(Schema compiled, compile_judged(schema));
  try {
    compiled.compiled_->schema();
  } catch (const std::exception& e) {
    return Status(Code::kInvalidArgument, std::string("schema: ") + e.what());
  }
  return compiled;
}

Result<Schema> Schema::compile(std::string_view text) {
  KTL_ASSIGN(json::value schema, parse_json(text, 1U << 20U));
  return compile(schema);
}

Result<Schema> Schema::compile_judged(json::value schema) {
  return Schema(std::make_shared<const Compiled>(std::move(schema)));
}

std::vector<Fault> Schema::check(const json::value& document) const {
  if (const auto place = place_of_no_text(document, "")) {
    return {{*place, "is not UTF-8", "write it in UTF-8"}};
  }
  try {
    if (surely_follows(compiled_->source, document)) {
      return {};
    }
    const json::value copy = has_long_text(document) ? shortened(document) : json::value();
    const json::value& subject = copy.is_null() ? document : copy;
    Adapter adapter(subject);
    // One for all threads: it keeps what it made of patterns, which costs more than judging does.
    static std::mutex mutex;
    static valijson::Validator validator;
    std::lock_guard lock(mutex);
    if (validator.validate(compiled_->schema(), adapter, nullptr)) {
      return {};
    }
    // Only a document of a sane size is gone through to the end for all of its faults.
    if (count_values(subject, kMaxExplained) >= kMaxExplained) {
      return {{"", "does not follow its schema", ""}};
    }
    valijson::ValidationResults results;
    validator.validate(compiled_->schema(), adapter, &results);
    return faults_of(compiled_->source, subject, complaints_of(results));
  } catch (const std::exception& e) {
    return {{"", std::string("cannot be judged: ") + e.what(), ""}};
  }
}

Status Schema::validate(const json::value& document, std::string_view name,
                        const Locator& locate) const {
  std::vector<Fault> faults = check(document);
  if (faults.empty()) {
    return {};
  }
  const Fault& first = faults.front();
  return Status(Code::kInvalidArgument, std::string(name) + first.path + ": " + first.message)
      .at(locate ? locate(first.path) : "")
      .advise(first.next);
}

json::value Schema::with_defaults(const json::value& document) const {
  return filled(compiled_->source, &compiled_->source, document, 0);
}

}  // namespace ktl
