#include "core/events/redactor.h"

#include "core/events/mask_json.h"

namespace ktl {
namespace {

redact::Masker masker_of(const std::shared_ptr<redact::Values>& values) {
  redact::Masker masker;
  masker.use(values == nullptr ? nullptr : values->matcher());
  return masker;
}

}  // namespace

json::value Redactor::clean(json::value document) const {
  redact::Masker masker = masker_of(values_);
  mask_json(masker, document);
  return document;
}

json::object Redactor::clean(json::object document) const {
  redact::Masker masker = masker_of(values_);
  mask_json(masker, document);
  return document;
}

std::string Redactor::clean_text(std::string_view text) const {
  std::string masked;
  return masker_of(values_).mask(text, masked) ? masked : std::string(text);
}

Status Redactor::clean(const Status& status) const {
  return status.ok() ? Status()
                     : Status(status.code(), clean_text(status.message()))
                           .at(clean_text(status.where()))
                           .advise(clean_text(status.next()));
}

}  // namespace ktl
