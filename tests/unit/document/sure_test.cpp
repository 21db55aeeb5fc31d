#include "core/document/sure.h"

#include <gmock/gmock.h>

#include <random>
#define VALIJSON_USE_EXCEPTIONS 1
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "core/document/schema_rules.h"
#include "core/document/schema_table.h"

namespace ktl {
namespace {

using Adapter = valijson::adapters::BoostJsonAdapter;

// Documents that follow a schema but for a fault here and there.
class Author {
 public:
  explicit Author(const json::value& root) : root_(root) {}

  json::value write(const json::value& schema, int depth = 0) {
    const json::value* node = resolved_schema(root_, &schema);
    if (once_in(40) || node == nullptr || !node->is_object() || depth > 12) {
      return anything();
    }
    for (const char* choice : {"const", "enum", "anyOf", "oneOf", "allOf"}) {
      if (const json::value* of = field_of(*node, choice)) {
        return !of->is_array()  ? *of
               : *choice == 'e' ? one_of(of->get_array())
                                : write(one_of(of->get_array()), depth + 1);
      }
    }
    const json::value* type = field_of(*node, "type");
    const json::value name = type == nullptr    ? json::value("object")
                             : type->is_array() ? one_of(type->get_array())
                                                : *type;
    return name == "object"    ? object(*node, depth)
           : name == "array"   ? array(*node, depth)
           : name == "string"  ? json::value(text())
           : name == "boolean" ? json::value(once_in(2))
           : name == "null"    ? json::value()
                               : number();
  }

 private:
  bool once_in(unsigned n) { return random_() % n == 0; }
  const json::value& one_of(const json::array& array) { return array[random_() % array.size()]; }

  json::value object(const json::value& node, int depth) {
    json::object made;
    const json::value* properties = field_of(node, "properties");
    if (properties != nullptr) {
      for (const auto& [name, schema] : properties->get_object()) {
        if (!once_in(8)) {
          made.emplace(name, write(schema, depth + 1));
        }
      }
    }
    const json::value* others = field_of(node, "additionalProperties");
    if ((others == nullptr || others->is_object()) ? once_in(2) : once_in(20)) {
      made.emplace(text(), others == nullptr ? anything() : write(*others, depth + 1));
    }
    return made;
  }

  json::value array(const json::value& node, int depth) {
    json::array made;
    const json::value* items = field_of(node, "items");
    for (unsigned left = random_() % 3; left > 0; --left) {
      made.push_back(items == nullptr ? anything() : write(*items, depth + 1));
    }
    return made;
  }

  std::string text() {
    const std::string hex(64, 'a');
    const std::vector<std::string> texts = {"",
                                            "a",
                                            "ktl.export.oci",
                                            "linux/amd64",
                                            "linux/arm/v7",
                                            "1.2.3",
                                            "50GB",
                                            "10%",
                                            "abc\n",
                                            "sha256:" + hex,
                                            "sha256:" + hex + "\n",
                                            "sha256:" + hex + "a",
                                            hex,
                                            hex + "\n",
                                            "A" + hex,
                                            "sha256:" + std::string(64, 'G'),
                                            std::string(1024, 'x'),
                                            std::string(1025, 'x'),
                                            "\xc3\xa9",
                                            "log/1",
                                            "ktl.scan/1",
                                            "1:2:3:4:-5"};
    return texts[random_() % texts.size()];
  }

  json::value number() {
    const std::vector<json::value> numbers = {0, 1, 2, 7, 200, -1, UINT64_MAX, INT64_MAX, 0.5, 1.0};
    return numbers[random_() % numbers.size()];
  }

  json::value anything() {
    switch (random_() % 6) {
      case 0:
        return nullptr;
      case 1:
        return json::object{{text(), number()}};
      case 2:
        return json::array{text(), number()};
      case 3:
        return once_in(2);
      case 4:
        return number();
      default:
        return json::value(text());
    }
  }

  const json::value& root_;
  std::mt19937 random_{1};
};

// Those of the documents' schemas: all that processes judge by, but for the plugins' own.
TEST(Sure, NeverIsSureOfWhatTheCompiledSchemaRefuses) {
  size_t sure = 0;
  size_t valid = 0;
  for (const auto& embedded : kSchemas) {
    const json::value schema = json::parse(embedded.text);
    valijson::Schema compiled;
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(Adapter(schema), compiled);
    valijson::Validator validator;
    Author author(schema);
    for (int i = 0; i < 1000; ++i) {
      const json::value document = author.write(schema);
      const bool follows = validator.validate(compiled, Adapter(document), nullptr);
      const bool is_sure = surely_follows(schema, document);
      EXPECT_TRUE(follows || !is_sure) << embedded.name << " " << json::serialize(document);
      sure += is_sure ? 1 : 0;
      valid += follows ? 1 : 0;
    }
  }
  EXPECT_GT(sure, kSchemas.size() * 20);
  EXPECT_GT(sure, valid * 8 / 10);  // else it is of no use
}

bool sure(std::string_view schema, std::string_view document) {
  return surely_follows(json::parse(schema), json::parse(document));
}

TEST(Sure, LeavesTheRestToTheCompiledSchema) {
  EXPECT_TRUE(sure(R"({"type": "object"})", "{}"));
  EXPECT_FALSE(sure(R"({"oneOf": [{}, false]})", "{}"));
  EXPECT_FALSE(sure(R"({"not": false})", "{}"));
  EXPECT_FALSE(sure(R"({"uniqueItems": true})", "[]"));
  EXPECT_FALSE(sure(R"({"const": 1.0})", "1"));
  EXPECT_FALSE(sure(R"({"unknown": 1})", "{}"));
  EXPECT_FALSE(sure(R"({"pattern": "x"})", '"' + std::string(1025, 'x') + '"'));
  EXPECT_FALSE(sure("{}", "{\"" + std::string(1025, 'x') + "\": 1}") &&
               sure(R"({"properties": {}})", "{\"" + std::string(1025, 'x') + "\": 1}"));
}

TEST(Sure, EndsInACircle) {
  EXPECT_FALSE(sure(R"({"allOf": [{"$ref": "#/definitions/a"}],
                        "definitions": {"a": {"anyOf": [{"$ref": "#/definitions/a"}]}}})",
                    "{}"));
}

}  // namespace
}  // namespace ktl
