// The documents' own schemas, by name, ready to judge with.
#pragma once

#include <string_view>

#include "base/json.h"
#include "core/document/validate.h"

namespace ktl {

// The text of docs/schema/<name>.json ("plan-1"), empty when there is none.
std::string_view schema_text(std::string_view name);

// The same, compiled; compiled at most once. kNotFound: no such document. [any thread]
Result<Schema> document_schema(std::string_view name);

// Whether `document` is a valid `name` ("plan-1"). kInvalidArgument names the first fault with its
// JSON pointer. [any thread]
Status check_document(std::string_view name, const json::value& document);

}  // namespace ktl
