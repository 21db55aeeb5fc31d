// Turns the builder's status messages into ktl's events, and remembers what errors need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "control.pb.h"

namespace ktl::solver {

// One event to publish: type and body as docs/documents.md lists them.
struct Event {
  std::string type;
  json::object body;
};

// Follows one build. Names, markers and log tails are kept for the first 4096 steps; steps beyond
// are reported without. Thread rule: one thread at a time.
class ProgressLog {
 public:
  // The events that `message` means, in its order.
  std::vector<Event> translate(const moby::buildkit::v1::StatusResponse& message);

  // Of a step by digest: its name, and the last lines it wrote, 7 to 8 KiB; empty when unknown.
  [[nodiscard]] std::string name_of(const std::string& vertex) const;
  [[nodiscard]] std::vector<std::string> tail_of(const std::string& vertex) const;
  // The step of that name: of several the one that ran last; empty: none.
  [[nodiscard]] std::string vertex_named(const std::string& name) const;
  // Whether another build ran the step of that name, whose result this one was given as well:
  // BuildKit (0.34.2, scheduler.mergeTo in solver/scheduler.go) joins what has one cache key and
  // runs at once, whatever network either has. It shows as a second digest of that name, or as a
  // start before this build sent its own files.
  [[nodiscard]] bool is_shared(const std::string& name) const;
  // The end of a step: false when it is not known or has not ended well.
  struct End {
    bool done = false;
    bool cached = false;
  };
  [[nodiscard]] End end_of(const std::string& vertex) const;
  // From now on what steps behind the builder's proxy requested is read from the list that the
  // builder writes at the end of their output, and becomes events.
  void expect_requests() { requests_ = true; }
  struct Request {
    std::string method;
    std::string url;
    int64_t status = 0;  // 0: none came
  };
  // That list. A step may print one like it: what it says counts only if ktl was asked about it.
  [[nodiscard]] std::vector<Request> requests_of(const std::string& vertex) const;
  // False: output of the step was cut off, so that the list may be missing.
  [[nodiscard]] bool is_listed(const std::string& vertex) const;
  // RUN steps that have started and not ended, by digest.
  [[nodiscard]] std::vector<std::string> running() const;

  // The last step that ended in failure; empty when none did.
  [[nodiscard]] const std::string& failed_vertex() const { return failed_; }

 private:
  struct Step {
    std::string name;
    int64_t started_ns = 0;
    int64_t completed_ns = 0;
    End end;
    std::string tail;        // the end of its output, at most kTailBytes after trimming
    std::string partial[2];  // an unfinished UTF-8 sequence at the end of stdout, stderr
    std::string line;        // of stderr, that has no end yet
    bool listing = false;    // inside the builder's list
    bool clipped = false;
    std::vector<Request> requests;
    size_t told = 0;  // requests that are events already
  };

  Step* step(const std::string& vertex);
  void vertex(const moby::buildkit::v1::Vertex& vertex, std::vector<Event>& out);
  void log(const moby::buildkit::v1::VertexLog& log, std::vector<Event>& out);
  // What of `text` does not belong to the list, which would push a step's last words out.
  static std::string read_list(Step& step, std::string_view text);
  static void read_list_line(Step& step, std::string_view line);
  void tell_requests(std::vector<Event>& out);
  [[nodiscard]] int64_t first_own_ns() const;

  bool requests_ = false;
  std::map<std::string, Step> steps_;
  std::string failed_;
};

}  // namespace ktl::solver
