#include "core/document/schemas.h"

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "core/document/schema_table.h"

namespace ktl {

std::string_view schema_text(std::string_view name) {
  auto found = std::ranges::find(kSchemas, name, &EmbeddedSchema::name);
  return found == kSchemas.end() ? std::string_view() : found->text;
}

Result<Schema> document_schema(std::string_view name) {
  static std::mutex mutex;
  static std::map<std::string, Schema, std::less<>> compiled;
  std::lock_guard lock(mutex);
  if (auto known = compiled.find(name); known != compiled.end()) {
    return known->second;
  }
  std::string_view text = schema_text(name);
  if (text.empty()) {
    return Status(Code::kNotFound, "no document is called " + std::string(name));
  }
  boost::system::error_code error;
  json::value source = json::parse(text, error);
  if (error) {
    return Status(Code::kInternal, "schema " + std::string(name) + " is no JSON");
  }
  KTL_ASSIGN(Schema schema, Schema::compile_judged(std::move(source)));
  compiled.emplace(name, schema);
  return schema;
}

Status check_document(std::string_view name, const json::value& document) {
  KTL_ASSIGN(Schema schema, document_schema(name));
  return schema.validate(document, name);
}

}  // namespace ktl
