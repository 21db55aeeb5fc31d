// Takes secrets out of events before any subscriber sees them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/events/event.h"
#include "redact/masker.h"
#include "redact/values.h"

namespace ktl {

// The bodies of one build's events on their way. The text of log/1 is one long text per step and
// stream, so a value is found although it came in pieces; its possible beginning is held back until
// the next piece, or until the step or the build ends. All other texts are whole. One thread at a
// time.
class Redaction {
 public:
  // `values` may be null, see Redactor; those that are added later count from then on.
  explicit Redaction(std::shared_ptr<redact::Values> values) : values_(std::move(values)) {}

  // Masks `event`. False: it is a log of which nothing can be told yet.
  bool take(Event& event);

  // The bodies of the log/1 events that were held back and have to be told before `event`, because
  // it ends their step or the build.
  std::vector<json::object> before(const Event& event);

  // The same for everything that is still held back.
  std::vector<json::object> rest();

 private:
  // At most this many streams hold something back at a time; what others have is told at once.
  static constexpr size_t kMostStreams = 4096;

  using Key = std::pair<std::string, int64_t>;  // step, stream
  struct Held {
    redact::Stream text;
    int64_t time_ns = 0;
  };
  using KeyView = std::pair<std::string_view, int64_t>;
  struct Less {
    using is_transparent = void;
    static KeyView view(const KeyView& key) { return key; }
    static KeyView view(const Key& key) { return {key.first, key.second}; }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return view(a) < view(b);
    }
  };
  using Streams = std::map<Key, Held, Less>;

  void refresh();
  bool take_log(json::object& body);
  void mask_vertex(json::string& vertex);
  void take_text(const KeyView& key, int64_t time_ns, json::string& text);
  void end(Streams::iterator stream, std::vector<json::object>& out);

  std::shared_ptr<redact::Values> values_;
  uint64_t version_ = 0;
  redact::Masker masker_;
  Streams streams_;
  std::string clean_;  // the vertex that was last found to hold no secret, of `version_`
  std::string scratch_;
};

}  // namespace ktl
