#include "yaml/yaml.h"

#include <yaml.h>

#include "yaml/yaml_scalar.h"

namespace ktl {
namespace {

constexpr size_t kMaxText = 1U << 20U;
constexpr int kMaxDepth = 32;
// All JSON pointers together: a long key around a long list would need gigabytes of them.
constexpr size_t kMaxPointers = 16U << 20U;

YamlPosition position_of(const yaml_mark_t& mark) { return {mark.line + 1, mark.column + 1}; }

std::string place(std::string_view file, YamlPosition position) {
  return std::string(file) + ":" + std::to_string(position.line) + ":" +
         std::to_string(position.column);
}

// One event, freed with the object.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { clear(); }

  void clear() { yaml_event_delete(&raw_); }
  yaml_event_t* raw() { return &raw_; }
  [[nodiscard]] yaml_event_type_t type() const { return raw_.type; }
  [[nodiscard]] YamlPosition position() const { return position_of(raw_.start_mark); }
  [[nodiscard]] std::string_view text() const {
    return {reinterpret_cast<const char*>(raw_.data.scalar.value), raw_.data.scalar.length};
  }
  [[nodiscard]] bool plain() const { return raw_.data.scalar.style == YAML_PLAIN_SCALAR_STYLE; }

 private:
  yaml_event_t raw_{};
};

// The anchor and the tag of the event's node; nullptr where there is none.
struct Properties {
  const yaml_char_t* anchor = nullptr;
  const yaml_char_t* tag = nullptr;
};

Properties properties_of(yaml_event_t& event) {
  switch (event.type) {
    case YAML_SCALAR_EVENT:
      return {event.data.scalar.anchor, event.data.scalar.tag};
    case YAML_SEQUENCE_START_EVENT:
      return {event.data.sequence_start.anchor, event.data.sequence_start.tag};
    case YAML_MAPPING_START_EVENT:
      return {event.data.mapping_start.anchor, event.data.mapping_start.tag};
    default:
      return {};
  }
}

class Reader {
 public:
  Reader(std::string_view text, std::string_view file) : file_(file) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { yaml_parser_delete(&parser_); }

  Result<YamlDocument> document() {
    Event event;
    KTL_TRY(next(event));  // the stream starts
    KTL_TRY(next(event));
    if (event.type() == YAML_STREAM_END_EVENT) {
      return std::move(document_);
    }
    const auto& start = event.raw()->data.document_start;
    if (start.version_directive != nullptr ||
        start.tag_directives.start != start.tag_directives.end) {
      return refuse(event.position(), "directives are not allowed");
    }
    KTL_TRY(next(event));
    KTL_ASSIGN(document_.value, node(event, "", 0));
    KTL_TRY(next(event));  // the document ends
    KTL_TRY(next(event));
    if (event.type() != YAML_STREAM_END_EVENT) {
      return refuse(event.position(), "only one document is allowed in a file");
    }
    return std::move(document_);
  }

 private:
  [[nodiscard]] Status refuse(YamlPosition position, const std::string& what) const {
    return Status(Code::kInvalidArgument, what).at(place(file_, position));
  }

  Status next(Event& event) {
    event.clear();
    if (yaml_parser_parse(&parser_, event.raw()) != 0) {
      return {};
    }
    const char* problem = parser_.problem == nullptr ? "out of memory" : parser_.problem;
    return refuse(position_of(parser_.problem_mark), std::string("not YAML: ") + problem);
  }

  // The value that starts with `event`.
  Result<json::value> node(Event& event, const std::string& pointer, int depth) {
    pointers_ += pointer.size();
    if (pointers_ > kMaxPointers) {
      return refuse(event.position(), "too many values below too long keys");
    }
    document_.positions.emplace(pointer, event.position());
    KTL_TRY(check_properties(event));
    if (depth > kMaxDepth) {
      return refuse(event.position(), "more than 32 levels");
    }
    switch (event.type()) {
      case YAML_SCALAR_EVENT:
        return scalar(event);
      case YAML_SEQUENCE_START_EVENT:
        return sequence(pointer, depth);
      case YAML_MAPPING_START_EVENT:
        return mapping(pointer, depth);
      default:
        return refuse(event.position(), "aliases are not allowed");
    }
  }

  Status check_properties(Event& event) const {
    Properties properties = properties_of(*event.raw());
    if (properties.anchor != nullptr) {
      return refuse(event.position(), "anchors are not allowed");
    }
    return properties.tag != nullptr ? refuse(event.position(), "tags are not allowed") : Status();
  }

  Result<json::value> scalar(const Event& event) const {
    if (!event.plain()) {
      return json::value(json::string_view(event.text().data(), event.text().size()));
    }
    auto value = yaml_scalar(event.text());
    return value.ok() ? std::move(value)
                      : std::move(value).status().at(place(file_, event.position()));
  }

  Result<json::value> sequence(const std::string& pointer, int depth) {
    json::array elements;
    Event event;
    for (;;) {
      KTL_TRY(next(event));
      if (event.type() == YAML_SEQUENCE_END_EVENT) {
        return json::value(std::move(elements));
      }
      std::string here = pointer + "/" + std::to_string(elements.size());
      KTL_ASSIGN(json::value element, node(event, here, depth + 1));
      elements.push_back(std::move(element));
    }
  }

  Result<json::value> mapping(const std::string& pointer, int depth) {
    json::object members;
    Event event;
    for (;;) {
      KTL_TRY(next(event));
      if (event.type() == YAML_MAPPING_END_EVENT) {
        return json::value(std::move(members));
      }
      KTL_TRY(check_key(event));
      std::string key(event.text());
      std::string here = pointer + pointer_step(key);
      auto [at, fresh] = document_.positions.emplace(here, event.position());
      if (!fresh) {
        return refuse(event.position(), "the key \"" + key + "\" is there twice, first in line " +
                                            std::to_string(at->second.line));
      }
      KTL_TRY(next(event));
      KTL_ASSIGN(json::value member, node(event, here, depth + 1));
      members.emplace(key, std::move(member));
    }
  }

  Status check_key(Event& event) const {
    KTL_TRY(check_properties(event));
    if (event.type() != YAML_SCALAR_EVENT) {
      return refuse(event.position(), "a key must be text");
    }
    if (event.plain() && event.text() == "<<") {
      return refuse(event.position(), "merge keys are not allowed");
    }
    auto meaning = event.plain() ? yaml_scalar(event.text()) : json::value("");
    if (!meaning.ok() || !meaning->is_string()) {
      return refuse(event.position(), "the key \"" + std::string(event.text().substr(0, 64)) +
                                          "\" is not text: put quotes around it");
    }
    return {};
  }

  yaml_parser_t parser_{};
  const std::string file_;
  size_t pointers_ = 0;  // bytes
  YamlDocument document_;
};

}  // namespace

std::string YamlDocument::locate(std::string_view file, std::string_view pointer) const {
  for (;;) {
    if (auto found = positions.find(pointer); found != positions.end()) {
      return place(file, found->second);
    }
    auto slash = pointer.rfind('/');
    if (slash == std::string_view::npos) {
      return place(file, {});
    }
    pointer = pointer.substr(0, slash);
  }
}

Result<YamlDocument> parse_yaml(std::string_view text, std::string_view file) {
  if (text.size() > kMaxText) {
    return Status(Code::kInvalidArgument, "more than 1 MiB of YAML").at(std::string(file));
  }
  return Reader(text, file).document();
}

}  // namespace ktl
