#include "secrets/scanner.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "secrets/compiled.h"
#include "secrets/decoder.h"
#include "secrets/line_counter.h"
#include "secrets/unpacker.h"
#include "secrets/value.h"

namespace ktl::secrets {
namespace {

// A block is judged when it is full, at the same offsets of the stream however it is cut.
constexpr size_t kBlock = 256U << 10U;
constexpr size_t kReach = 4096;  // how far a match may go beyond the start of its keyword
constexpr size_t kBehind = 512;  // what is kept of what was judged: for `before`, and one word

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// A letter or digit stands before `at`. In "\nghp_..." of JSON or C it is part of an escape.
bool inside_word(std::string_view text, size_t at) {
  return at > 0 && is_alnum(text[at - 1]) && !(at > 1 && text[at - 2] == '\\');
}

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

std::string_view decoding_name(DecodedBy decoding) {
  constexpr std::array<std::string_view, 5> kNames = {"none", "base64", "hex", "url", "gzip"};
  return kNames.at(static_cast<size_t>(decoding));
}

class Scanner::Stream {
 public:
  Stream(const Rules& rules, MatchSink sink, const ScanLimits& limits, DecodedBy decoded)
      : rules_(rules),
        compiled_(rules.compiled()),
        sink_(std::move(sink)),
        limits_(limits),
        decoded_(decoded),
        resume_(compiled_.rules().size()),
        decoder_([this](const Decoded& run, uint64_t at, uint64_t end) { decode(run, at, end); }) {}

  void begin(std::string_view path);
  void feed(std::string_view chunk);
  void finish();

  std::vector<std::string> missed;
  uint64_t allowed = 0;

 private:
  struct Found {
    size_t offset, length;
    const CompiledRule* rule;
    std::string before;
  };

  void add(std::string_view chunk);
  void judge(bool final);
  void look_for(const CompiledRule& rule, size_t at);
  void look_everywhere(const CompiledRule& rule, size_t from, size_t to);
  bool found(const CompiledRule& rule, size_t start, const re2::StringPiece* groups);
  bool applies(const CompiledRule& rule);
  void report();
  void tell(const Found& found);
  void unpack(std::string_view chunk);
  void unpack_more(std::string_view chunk);
  void decode(const Decoded& run, uint64_t at, uint64_t end);
  void end_run();
  Stream& inner(std::unique_ptr<Stream>& stream, DecodedBy by);

  const Rules& rules_;
  const Compiled& compiled_;
  MatchSink sink_;
  ScanLimits limits_;
  DecodedBy decoded_;
  std::string path_;
  std::string text_;   // from offset base_ of the stream
  size_t judged_ = 0;  // bytes of it whose matches are known
  uint64_t base_ = 0;
  LineCounter lines_;             // up to base_
  std::vector<uint64_t> resume_;  // by rule: where its last match ended
  std::vector<signed char> applies_;
  std::vector<Found> found_;
  uint64_t told_end_ = 0;  // where the last match that was told ends
  uint64_t matches_ = 0;
  bool begun_ = false;  // it is known whether the stream is gzip

  Decoder decoder_;
  std::unique_ptr<Stream> run_;   // what is decoded
  std::unique_ptr<Stream> gzip_;  // what is unpacked
  std::unique_ptr<Unpacker> unpacker_;
  std::vector<Match> run_matches_;  // in the run that is being decoded
};

void Scanner::Stream::begin(std::string_view path) {
  path_ = path;
  text_.clear();
  judged_ = 0;
  base_ = told_end_ = matches_ = allowed = 0;
  lines_ = {};
  std::fill(resume_.begin(), resume_.end(), 0);
  applies_.clear();
  begun_ = false;
  found_.clear();
  missed.clear();
  decoder_.begin();
  run_matches_.clear();
  unpacker_.reset();
}

void Scanner::Stream::feed(std::string_view chunk) {
  unpack(chunk);
  while (!chunk.empty()) {
    const size_t room = kBlock + kReach + kBehind - text_.size();
    add(chunk.substr(0, room));
    chunk.remove_prefix(std::min(room, chunk.size()));
  }
}

void Scanner::Stream::add(std::string_view chunk) {
  text_ += chunk;
  if (text_.size() == kBlock + kReach + kBehind) {
    judge(false);
  }
}

void Scanner::Stream::finish() {
  if (unpacker_) {
    if (!unpacker_->complete()) {
      missed.emplace_back("a gzip stream that ends early");
    }
    gzip_->finish();
    missed.insert(missed.end(), gzip_->missed.begin(), gzip_->missed.end());
    unpacker_.reset();
  }
  judge(true);
  if (matches_ > limits_.matches) {
    missed.push_back(std::to_string(matches_ - limits_.matches) + " more findings are not listed");
  }
}

void Scanner::Stream::judge(bool final) {
  const size_t to = final ? text_.size() : text_.size() - kReach;
  compiled_.keywords().find(text_, judged_, to, [this](size_t at, uint32_t keyword) {
    for (const CompiledRule* rule : compiled_.rules_of(keyword)) {
      look_for(*rule, at);
    }
  });
  for (const CompiledRule* rule : compiled_.unfiltered()) {
    look_everywhere(*rule, judged_, to);
  }
  if (decoded_ == DecodedBy::kNone || decoded_ == DecodedBy::kGzip) {
    decoder_.read(text_, judged_, to, base_, final);
  }
  report();
  const size_t gone = to > kBehind ? to - kBehind : 0;
  lines_.pass(std::string_view(text_).substr(0, gone));
  text_.erase(0, gone);
  base_ += gone;
  judged_ = to - gone;
}

bool Scanner::Stream::applies(const CompiledRule& rule) {
  if (rule.rule.path.empty()) {
    return true;
  }
  applies_.resize(compiled_.rules().size(), -1);
  signed char& known = applies_[rule.index];
  if (known < 0) {
    known = !path_.empty() && compiled_.in_force(rule, path_) ? 1 : 0;
  }
  return known == 1;
}

void Scanner::Stream::look_for(const CompiledRule& rule, size_t at) {
  if (rule.rule.before == 0 && rule.rule.word && inside_word(text_, at)) {
    return;
  }
  if (!applies(rule)) {
    return;
  }
  const size_t end = std::min(text_.size(), at + kReach);
  const re2::RE2& regex = rule.regex.get();
  const auto anchor = rule.rule.before == 0 ? re2::RE2::ANCHOR_START : re2::RE2::UNANCHORED;
  size_t start = at - std::min<size_t>(at, rule.rule.before);
  if (anchor == re2::RE2::UNANCHORED && base_ + start < resume_[rule.index]) {
    start = static_cast<size_t>(resume_[rule.index] - base_);
  }
  if (start > at || !regex.Match(piece(text_), start, end, anchor, nullptr, 0)) {
    return;
  }
  std::array<re2::StringPiece, 2> groups;
  const int count = std::min(1, regex.NumberOfCapturingGroups()) + 1;
  regex.Match(piece(text_), start, end, anchor, groups.data(), count);
  const size_t begins = static_cast<size_t>(groups[0].data() - text_.data());
  if (begins <= at && found(rule, begins, groups.data())) {
    resume_[rule.index] = base_ + begins + std::max<size_t>(groups[0].size(), 1);
  }
}

// A rule without keywords: every match that begins in [from, to).
void Scanner::Stream::look_everywhere(const CompiledRule& rule, size_t from, size_t to) {
  if (!applies(rule)) {
    return;
  }
  const re2::RE2& regex = rule.regex.get();
  const int count = std::min(1, regex.NumberOfCapturingGroups()) + 1;
  std::array<re2::StringPiece, 2> groups;
  size_t at = std::max<uint64_t>(base_ + from, resume_[rule.index]) - base_;
  while (at < to &&
         regex.Match(piece(text_), at, text_.size(), re2::RE2::UNANCHORED, groups.data(), count)) {
    const size_t begins = static_cast<size_t>(groups[0].data() - text_.data());
    if (begins >= to) {
      return;
    }
    found(rule, begins, groups.data());
    at = begins + std::max<size_t>(groups[0].size(), 1);
    resume_[rule.index] = base_ + at;
  }
}

bool Scanner::Stream::found(const CompiledRule& rule, size_t start,
                            const re2::StringPiece* groups) {
  if (rule.rule.word && inside_word(text_, start)) {
    return false;
  }
  const re2::StringPiece group = groups[1].data() != nullptr ? groups[1] : groups[0];
  const std::string_view value(group.data(), group.size());
  if (value.empty() || (rule.rule.entropy > 0 && entropy(value) < rule.rule.entropy) ||
      !passes(rule.rule.check, value)) {
    return false;
  }
  const size_t offset = static_cast<size_t>(value.data() - text_.data());
  found_.push_back({offset, value.size(), &rule, std::string(text_, start, offset - start)});
  return true;
}

// Tells what was found: of several rules for one value the first, and a guess
// (Check::kAssigned) only where no other rule knows better.
void Scanner::Stream::report() {
  std::sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) {
    const bool guess_a = a.rule->rule.check == Check::kAssigned;
    const bool guess_b = b.rule->rule.check == Check::kAssigned;
    return std::tie(guess_a, a.offset, a.rule->index) < std::tie(guess_b, b.offset, b.rule->index);
  });
  std::vector<std::pair<uint64_t, uint64_t>> spans;
  for (const Found& one : found_) {
    const uint64_t begin = base_ + one.offset;
    const uint64_t end = begin + one.length;
    const bool known = begin < told_end_ || std::any_of(
                                                spans.begin(), spans.end(),
                                                [&](const auto& span) {
                                                  return begin < span.second && span.first < end;
                                                });
    if (known) {
      continue;
    }
    if (spans.size() < 4096) {
      spans.emplace_back(begin, end);
    }
    tell(one);
  }
  for (const auto& span : spans) {
    told_end_ = std::max(told_end_, span.second);
  }
  found_.clear();
}

void Scanner::Stream::tell(const Found& one) {
  const std::string_view value = std::string_view(text_).substr(one.offset, one.length);
  if (rules_.allows(one.rule->rule, path_, value)) {
    ++allowed;
    return;
  }
  if (++matches_ > limits_.matches) {
    return;
  }
  const Place place = lines_.after(std::string_view(text_).substr(0, one.offset));
  std::string before = one.before;
  for (const std::string& word : one.rule->rule.keywords) {
    if (before.empty() && value.starts_with(word) && value.size() > 2 * word.size()) {
      before = word;  // a prefix that every value of the kind has
    }
  }
  sink_({&one.rule->rule, base_ + one.offset, one.length, place.line, place.column, masked(before),
         rules_.keyed_hash(one.rule->rule, value), decoded_});
}

Scanner::Stream& Scanner::Stream::inner(std::unique_ptr<Stream>& stream, DecodedBy by) {
  if (!stream) {
    MatchSink sink = sink_;
    if (by != DecodedBy::kGzip) {
      sink = [this](const Match& match) { run_matches_.push_back(match); };
    }
    stream = std::make_unique<Stream>(rules_, std::move(sink), limits_, by);
  }
  return *stream;
}

// A stream that begins like gzip is looked at as it is and unpacked. Its first bytes may come in
// several chunks; they are in text_ then.
void Scanner::Stream::unpack(std::string_view chunk) {
  if (begun_ && !unpacker_) {
    return;
  }
  if (!begun_ && decoded_ == DecodedBy::kNone) {
    const std::string start = text_ + std::string(chunk.substr(0, 3));
    if (start.size() < 3) {
      return;
    }
    if (Unpacker::is_gzip(start)) {
      unpacker_ = std::make_unique<Unpacker>(limits_.unpacked);
      inner(gzip_, DecodedBy::kGzip).begin(path_);
      unpack_more(text_);
    }
  }
  begun_ = true;
  if (unpacker_) {
    unpack_more(chunk);
  }
}

void Scanner::Stream::unpack_more(std::string_view chunk) {
  Status status = unpacker_->feed(chunk, [this](std::string_view plain) { gzip_->feed(plain); });
  if (!status.ok()) {
    missed.push_back("a gzip stream: " + status.message());
  }
}

void Scanner::Stream::decode(const Decoded& run, uint64_t at, uint64_t end) {
  Stream& stream = inner(run_, run.by);
  if (stream.base_ == 0 && stream.text_.empty()) {
    stream.decoded_ = run.by;
    stream.begin(path_);
  }
  stream.feed(run.bytes);
  if (!run.last) {
    return;
  }
  stream.finish();
  const Place place =
      at < base_ ? Place{} : lines_.after(std::string_view(text_).substr(0, at - base_));
  for (Match& match : run_matches_) {
    match.offset = at;
    match.length = end - at;
    match.line = place.line;
    match.column = place.column;
    if (++matches_ <= limits_.matches) {
      sink_(match);
    }
  }
  allowed += stream.allowed;
  end_run();
}

void Scanner::Stream::end_run() {
  run_matches_.clear();
  run_->text_.clear();
  run_->base_ = 0;
}

Scanner::Scanner(const Rules& rules, MatchSink sink, const ScanLimits& limits)
    : stream_(std::make_unique<Stream>(rules, std::move(sink), limits, DecodedBy::kNone)) {
  stream_->begin({});
}
Scanner::Scanner(Scanner&&) noexcept = default;
Scanner& Scanner::operator=(Scanner&&) noexcept = default;
Scanner::~Scanner() = default;

void Scanner::begin(std::string_view path) { stream_->begin(path); }
void Scanner::feed(std::string_view chunk) { stream_->feed(chunk); }
void Scanner::finish() { stream_->finish(); }
const std::vector<std::string>& Scanner::what_was_not_scanned() const { return stream_->missed; }
uint64_t Scanner::allowed() const { return stream_->allowed; }

}  // namespace ktl::secrets
