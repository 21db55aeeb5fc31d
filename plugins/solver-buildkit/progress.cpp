#include "progress.h"

#include <algorithm>
#include <cstdlib>

namespace ktl::solver {
namespace {

namespace v1 = moby::buildkit::v1;

constexpr size_t kMaxSteps = 4096;
constexpr size_t kTailBytes = 8U << 10U;
constexpr size_t kCutBytes = 1U << 10U;   // see tail_of
constexpr size_t kLogPiece = 64U << 10U;  // an event's body is limited to 1 MiB, escapes included
constexpr int kMaxDetails = 64;
constexpr size_t kMaxListLine = 16U << 10U;
constexpr size_t kMaxRequests = 10'000;
// As BuildKit writes it: logProxyRequests in solver/llbsolver/ops/exec.go (0.34.2).
constexpr std::string_view kListTitle = "proxy network requests:";
constexpr std::string_view kClipped = "[output clipped, log limit ";

// 0 when unset; clamped, since a builder may say anything.
int64_t nanoseconds(const ktl::wellknown::Timestamp& time) {
  constexpr int64_t kMaxSeconds = INT64_MAX / 1'000'000'000 - 1;
  return std::clamp<int64_t>(time.seconds(), 0, kMaxSeconds) * 1'000'000'000 +
         std::clamp<int64_t>(time.nanos(), 0, 999'999'999);
}

// Bytes at the end of `text` that begin a UTF-8 sequence and do not finish it, 0 to 3.
size_t unfinished(std::string_view text) {
  for (size_t back = 1; back <= std::min<size_t>(3, text.size()); ++back) {
    const auto byte = static_cast<uint8_t>(text[text.size() - back]);
    if ((byte & 0xc0U) == 0x80U) {
      continue;  // inside a sequence
    }
    const size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

std::string clip(std::string_view text, size_t limit = kLogPiece) {
  return valid_utf8(text.substr(0, limit));
}

Event progress_event(const v1::VertexStatus& status) {
  return {"vertex.progress/1",
          {{"vertex", clip(status.vertex())},
           {"id", clip(status.id())},
           {"name", clip(status.name())},
           {"current", status.current()},
           {"total", status.total()},
           {"started_ns", nanoseconds(status.started())},
           {"completed_ns", nanoseconds(status.completed())}}};
}

Event warning_event(const v1::VertexWarning& warning) {
  json::array detail;
  for (int i = 0; i < std::min(warning.detail_size(), kMaxDetails); ++i) {
    detail.emplace_back(clip(warning.detail(i), 4096));
  }
  json::value source;
  if (warning.ranges_size() > 0) {
    source = {{"file", clip(warning.info().filename(), 4096)},
              {"start_line", warning.ranges(0).start().line()},
              {"end_line", warning.ranges(0).end().line()}};
  }
  return {"warning/1",
          {{"vertex", clip(warning.vertex())},
           {"short", clip(warning.short_())},
           {"detail", std::move(detail)},
           {"url", clip(warning.url(), 4096)},
           {"source", std::move(source)}}};
}

}  // namespace

ProgressLog::Step* ProgressLog::step(const std::string& vertex) {
  auto found = steps_.find(vertex);
  if (found != steps_.end()) {
    return &found->second;
  }
  return steps_.size() < kMaxSteps ? &steps_[vertex] : nullptr;
}

std::vector<Event> ProgressLog::translate(const v1::StatusResponse& message) {
  std::vector<Event> out;
  for (const auto& item : message.vertexes()) {
    vertex(item, out);
  }
  for (const auto& item : message.statuses()) {
    out.push_back(progress_event(item));
  }
  for (const auto& item : message.logs()) {
    log(item, out);
  }
  for (const auto& item : message.warnings()) {
    out.push_back(warning_event(item));
  }
  if (requests_) {
    tell_requests(out);
  }
  return out;
}

// A vertex comes again and again; only its first time, a new start or a new end is news.
void ProgressLog::vertex(const v1::Vertex& vertex, std::vector<Event>& out) {
  Step untracked;
  Step* known = step(vertex.digest());
  Step& step = known != nullptr ? *known : untracked;
  const bool fresh = known != nullptr && step.name.empty();
  step.name = clip(vertex.name());
  if (fresh && !vertex.has_started()) {
    out.push_back({"vertex.queued/1", {{"vertex", clip(vertex.digest())}, {"name", step.name}}});
  }
  const int64_t started = nanoseconds(vertex.started());
  const int64_t completed = nanoseconds(vertex.completed());
  if (started != 0 && started != step.started_ns) {
    step.started_ns = started;
    out.push_back(
        {"vertex.started/1",
         {{"vertex", clip(vertex.digest())}, {"name", step.name}, {"started_ns", started}}});
  }
  if (completed != 0 && completed != step.completed_ns) {
    step.completed_ns = completed;
    step.end = {vertex.error().empty(), vertex.cached()};
    if (!vertex.error().empty()) {
      failed_ = vertex.digest();
    }
    out.push_back({"vertex.completed/1",
                   {{"vertex", clip(vertex.digest())},
                    {"name", step.name},
                    {"cached", vertex.cached()},
                    {"error", clip(vertex.error())},
                    {"started_ns", started},
                    {"completed_ns", completed}}});
  }
}

void ProgressLog::log(const v1::VertexLog& log, std::vector<Event>& out) {
  Step untracked;
  Step* known = step(log.vertex());
  Step& step = known != nullptr ? *known : untracked;
  const int64_t stream = log.stream() == 2 ? 2 : 1;
  std::string& partial = step.partial[stream - 1];
  std::string bytes = std::move(partial) + log.msg();
  const size_t rest = unfinished(bytes);
  partial = bytes.substr(bytes.size() - rest);
  bytes.resize(bytes.size() - rest);
  const std::string said = requests_ && stream == 2 ? read_list(step, bytes) : bytes;
  step.tail.append(said, said.size() > kTailBytes ? said.size() - kTailBytes : 0);
  if (step.tail.size() > kTailBytes) {
    step.tail.erase(0, step.tail.size() - kTailBytes);
  }
  for (std::string_view left = bytes; !left.empty();) {
    std::string_view piece = left.substr(0, kLogPiece);
    piece.remove_suffix(piece.size() < left.size() ? unfinished(piece) : 0);
    left.remove_prefix(piece.size());
    out.push_back({"log/1",
                   {{"vertex", clip(log.vertex())},
                    {"stream", stream},
                    {"text", valid_utf8(piece)},
                    {"time_ns", nanoseconds(log.timestamp())}}});
  }
}

std::string ProgressLog::read_list(Step& step, std::string_view text) {
  std::string rest;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    step.line.append(text.substr(0, std::min(end, kMaxListLine - step.line.size())));
    if (end < text.size()) {
      read_list_line(step, step.line);
      step.line.clear();
    }
    const size_t size = std::min(end + 1, text.size());
    rest.append(step.listing ? "" : text.substr(0, size));
    text.remove_prefix(size);
  }
  return rest;
}

// "- GET https://host/path -> 200". The list is the last that a step's output has: a line that
// belongs to none ends what only looked like one.
void ProgressLog::read_list_line(Step& step, std::string_view line) {
  step.clipped = step.clipped || line.find(kClipped) != std::string_view::npos;
  if (line == kListTitle) {
    step.listing = true;
    step.requests.clear();
    return;
  }
  const size_t method = line.find(' ', 2);
  if (!step.listing || !line.starts_with("- ") || method == std::string_view::npos ||
      step.requests.size() >= kMaxRequests) {
    step.clipped = step.clipped || step.requests.size() >= kMaxRequests;
    step.listing = false;
    step.requests.clear();
    return;
  }
  Request request{valid_utf8(line.substr(2, method - 2)), {}, 0};
  line.remove_prefix(method + 1);
  const size_t arrow = line.rfind(" -> ");
  request.url = valid_utf8(line.substr(0, arrow));
  if (arrow != std::string_view::npos) {
    request.status = std::atoi(std::string(line.substr(arrow + 4)).c_str());
  }
  step.requests.push_back(std::move(request));
}

// Once a step is over; its last output may come after its end.
void ProgressLog::tell_requests(std::vector<Event>& out) {
  for (auto& [vertex, step] : steps_) {
    for (; step.completed_ns != 0 && step.told < step.requests.size(); ++step.told) {
      const Request& request = step.requests[step.told];
      out.push_back({"network.request/1",
                     {{"vertex", clip(vertex)},
                      {"step", step.name},
                      {"method", clip(request.method, 32)},
                      {"url", request.url},
                      {"status", request.status},
                      {"allowed", true},
                      {"rule", ""}}});
    }
  }
}

std::vector<ProgressLog::Request> ProgressLog::requests_of(const std::string& vertex) const {
  const auto found = steps_.find(vertex);
  return found == steps_.end() ? std::vector<Request>() : found->second.requests;
}

bool ProgressLog::is_listed(const std::string& vertex) const {
  const auto found = steps_.find(vertex);
  return found != steps_.end() && !found->second.clipped;
}

std::vector<std::string> ProgressLog::running() const {
  std::vector<std::string> vertices;
  for (const auto& [vertex, step] : steps_) {
    if (step.started_ns > step.completed_ns && step.name.find("] RUN ") != std::string::npos) {
      vertices.push_back(vertex);
    }
  }
  return vertices;
}

std::string ProgressLog::name_of(const std::string& vertex) const {
  auto found = steps_.find(vertex);
  return found == steps_.end() ? std::string() : found->second.name;
}

std::string ProgressLog::vertex_named(const std::string& name) const {
  std::string found;
  int64_t latest = -1;
  for (const auto& [vertex, step] : steps_) {
    const int64_t ran = step.end.cached ? 0 : step.completed_ns;
    if (step.name == name && ran > latest) {
      found = vertex;
      latest = ran;
    }
  }
  return found;
}

// When this build's first transfer began, by the builder's clock: nobody else has those steps. 0:
// it has none.
int64_t ProgressLog::first_own_ns() const {
  int64_t first = 0;
  for (const auto& [vertex, step] : steps_) {
    const bool own = step.name.starts_with("[internal] load build ") ||
                     step.name.starts_with("[internal] load .dockerignore");
    if (own && step.started_ns != 0) {
      first = first == 0 ? step.started_ns : std::min(first, step.started_ns);
    }
  }
  return first;
}

bool ProgressLog::is_shared(const std::string& name) const {
  const int64_t first = first_own_ns();
  int digests = 0;
  bool earlier = false;
  for (const auto& [vertex, step] : steps_) {
    if (step.name == name) {
      ++digests;
      earlier = earlier || (step.started_ns != 0 && step.started_ns < first);
    }
  }
  return digests > 1 || earlier;
}

ProgressLog::End ProgressLog::end_of(const std::string& vertex) const {
  auto found = steps_.find(vertex);
  return found == steps_.end() ? End() : found->second.end;
}

std::vector<std::string> ProgressLog::tail_of(const std::string& vertex) const {
  auto found = steps_.find(vertex);
  std::vector<std::string> lines;
  std::string_view left = found == steps_.end() ? std::string_view() : found->second.tail;
  // What begins in the middle of a line may begin in the middle of a secret, which nobody would
  // know by its rest: no form of a piece of one is longer than this.
  left.remove_prefix(left.size() == kTailBytes ? kCutBytes : 0);
  while (!left.empty()) {
    const size_t end = left.find('\n');
    std::string_view line = left.substr(0, end);
    left.remove_prefix(end == std::string_view::npos ? left.size() : end + 1);
    line.remove_suffix(!line.empty() && line.back() == '\r' ? 1 : 0);
    lines.push_back(valid_utf8(line));
  }
  return lines;
}

}  // namespace ktl::solver
