// Whether a document follows its schema, asked of the schema as it is written.
#pragma once

#include "base/json.h"

namespace ktl {

// True: `document` follows `schema`, which check_schema_rules() has accepted, as validate.h defines
// it. False: it does not, or only the compiled schema can tell (oneOf, not, uniqueItems, numbers
// that are equal in another type, texts too long to be looked at as a whole). Nearly every document
// is valid, and most processes judge each kind of them once: compiling a schema for that costs many
// times what looking at the members that are there does. [any thread]
bool surely_follows(const json::value& schema, const json::value& document);

}  // namespace ktl
