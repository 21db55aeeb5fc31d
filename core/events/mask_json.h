// Puts *** in the place of secrets in JSON, wherever they are.
#pragma once

#include "base/json.h"
#include "redact/masker.h"

namespace ktl {

// Masks every text in `value`, at any depth, keys too. The texts of an array that holds nothing
// else are looked at as lines of one text, since a secret may be wrapped over them. What is
// replaced is wiped.
void mask_json(redact::Masker& masker, json::value& value);
void mask_json(redact::Masker& masker, json::object& object);

// The keys alone, of this object alone; of two that are the same once masked, the first stays.
void mask_keys(redact::Masker& masker, json::object& object);

// One text.
void mask_text(redact::Masker& masker, json::string& text);

// `masked` takes the place of `text`, whose bytes are wiped.
void replace_text(json::string& text, std::string_view masked);

}  // namespace ktl
