#include "core/events/redaction.h"

#include <utility>

#include "core/events/mask_json.h"

namespace ktl {

void Redaction::refresh() {
  if (values_ != nullptr && values_->version() != version_) {
    version_ = values_->version();
    masker_.use(values_->matcher());
    clean_.clear();
  }
}

bool Redaction::take(Event& event) {
  refresh();
  if (event.type == "log/1") {
    return take_log(event.body);
  }
  mask_json(masker_, event.body);
  return true;
}

bool Redaction::take_log(json::object& body) {
  mask_keys(masker_, body);
  KeyView key;
  int64_t time_ns = 0;
  json::string* text = nullptr;
  for (auto& [name, value] : body) {
    if (name == "text" && value.is_string()) {
      text = &value.get_string();
      continue;
    }
    if (name == "vertex" && value.is_string()) {
      mask_vertex(value.get_string());
      key.first = value.get_string();
      continue;
    }
    mask_json(masker_, value);
    if (name == "stream" && value.is_int64()) {
      key.second = value.get_int64();
    } else if (name == "time_ns" && value.is_int64()) {
      time_ns = value.get_int64();
    }
  }
  if (text == nullptr) {
    return true;
  }
  take_text(key, time_ns, *text);
  return !text->empty();
}

// A step that writes much is the same one line after line.
void Redaction::mask_vertex(json::string& vertex) {
  if (vertex == clean_) {
    return;
  }
  mask_text(masker_, vertex);
  clean_ = vertex;
}

void Redaction::take_text(const KeyView& key, int64_t time_ns, json::string& text) {
  auto found = streams_.empty() ? streams_.end() : streams_.find(key);
  Held fresh;
  Held& held = found == streams_.end() ? fresh : found->second;
  held.time_ns = time_ns;
  scratch_.clear();
  const bool changed = masker_.feed(held.text, text, scratch_);
  if (found == streams_.end() && !fresh.text.fresh()) {
    if (streams_.size() < kMostStreams) {
      streams_.emplace(key, std::move(fresh));
    } else {
      masker_.end(fresh.text, scratch_);
    }
  } else if (found != streams_.end() && held.text.fresh()) {
    streams_.erase(found);
  }
  if (changed) {
    replace_text(text, scratch_);
  }
}

void Redaction::end(Streams::iterator stream, std::vector<json::object>& out) {
  const auto& [vertex, number] = stream->first;
  scratch_.clear();
  masker_.end(stream->second.text, scratch_);
  if (!scratch_.empty()) {
    out.push_back({{"vertex", vertex},
                   {"stream", number},
                   {"text", scratch_},
                   {"time_ns", stream->second.time_ns}});
  }
  streams_.erase(stream);
}

std::vector<json::object> Redaction::before(const Event& event) {
  if (streams_.empty()) {
    return {};
  }
  if (event.type == "build.failed/1" || event.type == "build.completed/1") {
    return rest();
  }
  std::vector<json::object> out;
  if (event.type == "vertex.completed/1") {
    const json::value* vertex = event.body.if_contains("vertex");
    const std::string_view name = vertex != nullptr && vertex->is_string()
                                      ? std::string_view(vertex->get_string())
                                      : std::string_view();
    auto stream = streams_.lower_bound(KeyView(name, INT64_MIN));
    while (stream != streams_.end() && stream->first.first == name) {
      end(stream++, out);
    }
  }
  return out;
}

std::vector<json::object> Redaction::rest() {
  std::vector<json::object> out;
  while (!streams_.empty()) {
    end(streams_.begin(), out);
  }
  return out;
}

}  // namespace ktl
