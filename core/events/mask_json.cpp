#include "core/events/mask_json.h"

#include <string.h>

#include <algorithm>

namespace ktl {
namespace {

using redact::Masker;
using redact::Range;

bool all_texts(const json::array& array) {
  return array.size() > 1 &&
         std::ranges::all_of(array, [](const json::value& each) { return each.is_string(); });
}

// Of `line`, which is text[from, from + line.size()) of what the ranges belong to.
void mask_line(json::string& line, size_t from, std::span<const Range> ranges) {
  std::string masked;
  size_t told = 0;
  for (const Range& range : ranges) {
    const size_t begin = std::max(range.from, from);
    const size_t end = std::min(range.to, from + line.size());
    if (begin < end) {
      masked.append(line.data() + told, begin - from - told).append(redact::kMask);
      told = end - from;
    }
  }
  if (told > 0) {
    masked.append(line.data() + told, line.size() - told);
    replace_text(line, masked);
  }
}

void mask_lines(Masker& masker, json::array& lines) {
  redact::Wiped<char> text;
  for (const json::value& line : lines) {
    redact::append(text, line.get_string());
    text.push_back('\n');
  }
  const std::span<const Range> ranges = masker.find(view_of(text));
  size_t from = 0;
  for (json::value& line : lines) {
    const size_t size = line.get_string().size();
    mask_line(line.get_string(), from, ranges);
    from += size + 1;
  }
}

}  // namespace

// Keys cannot be changed in place.
void mask_keys(Masker& masker, json::object& object) {
  std::string masked;
  const bool found = std::ranges::any_of(
      object, [&](const auto& member) { return masker.mask(member.key(), masked); });
  if (!found) {
    return;
  }
  json::object renamed(object.storage());
  for (auto& member : object) {
    masked.clear();
    const std::string_view key = member.key();
    renamed.emplace(masker.mask(key, masked) ? std::string_view(masked) : key,
                    std::move(member.value()));
  }
  object = std::move(renamed);
}

void replace_text(json::string& text, std::string_view masked) {
  ::explicit_bzero(text.data(), text.size());
  text.assign(masked);
}

void mask_text(Masker& masker, json::string& text) {
  std::string masked;
  if (masker.mask(text, masked)) {
    replace_text(text, masked);
  }
}

void mask_json(Masker& masker, json::object& object) {
  mask_keys(masker, object);
  for (auto& member : object) {
    mask_json(masker, member.value());
  }
}

void mask_json(Masker& masker, json::value& value) {
  if (json::string* text = value.if_string()) {
    mask_text(masker, *text);
  } else if (json::object* object = value.if_object()) {
    mask_json(masker, *object);
  } else if (json::array* array = value.if_array()) {
    if (all_texts(*array)) {
      mask_lines(masker, *array);
    } else {
      std::ranges::for_each(*array, [&](json::value& each) { mask_json(masker, each); });
    }
  }
}

}  // namespace ktl
