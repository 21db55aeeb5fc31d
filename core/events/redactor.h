// Keeps secrets out of documents and errors: what is stored or shown without being an event.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/status.h"
#include "redact/values.h"

namespace ktl {

// Masks the values that are registered by now, and whatever has the form of a secret. Any thread.
class Redactor {
 public:
  // `values` may be null: only what has the form of a secret is masked.
  explicit Redactor(std::shared_ptr<redact::Values> values) : values_(std::move(values)) {}

  // Every text in the document, at any depth.
  [[nodiscard]] json::value clean(json::value document) const;
  [[nodiscard]] json::object clean(json::object document) const;
  [[nodiscard]] std::string clean_text(std::string_view text) const;
  // Message, place and advice.
  [[nodiscard]] Status clean(const Status& status) const;

 private:
  std::shared_ptr<redact::Values> values_;
};

}  // namespace ktl
