// Looks for secrets in a stream of bytes: a file, a log, standard input. In linear time, in
// constant memory, and with the same result however the stream is cut into chunks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "secrets/rules.h"

namespace ktl::secrets {

enum class DecodedBy : uint8_t { kNone, kBase64, kHex, kUrl, kGzip };

std::string_view decoding_name(DecodedBy decoding);  // "none", "base64", "hex", "url", "gzip"

// A secret that was found. Never holds the value itself.
struct Match {
  const Rule* rule = nullptr;  // lives as long as the Rules
  uint64_t offset = 0;  // of the value in the stream, in bytes; of its encoded form if decoded
  uint64_t length = 0;  // bytes of the value, or of the encoded run that it was decoded from
  uint64_t line = 1;    // from 1, in the stream (of a gzip stream: in what was unpacked)
  uint64_t column = 1;  // from 1, in bytes
  std::string masked;   // what stands before the value, then "...": "AWS_SECRET=..."
  std::string hash;     // Rules::keyed_hash
  DecodedBy decoded_by = DecodedBy::kNone;
};

// Called from within feed() and finish(), in no particular order.
using MatchSink = std::function<void(const Match&)>;

struct ScanLimits {
  uint64_t unpacked = 1ULL << 30U;  // bytes that a gzip stream may become
  uint64_t matches = 10'000;        // of one stream; what exceeds them is counted
};

// One stream after the other. Thread rule: one thread at a time; several scanners may share Rules,
// which must outlive them.
class Scanner {
 public:
  Scanner(const Rules& rules, MatchSink sink, const ScanLimits& limits = {});
  Scanner(Scanner&&) noexcept;
  Scanner& operator=(Scanner&&) noexcept;
  ~Scanner();

  // Starts another stream: the file at `path` ('/' between names; decides about rules that are for
  // certain files, and about the allowlist), or one without a path. Not needed for the first one.
  void begin(std::string_view path);
  void feed(std::string_view chunk);
  void finish();

  // Why some of the stream was not looked at, a sentence each; empty when all of it was.
  [[nodiscard]] const std::vector<std::string>& what_was_not_scanned() const;
  // Matches of this stream that the allowlist let pass.
  [[nodiscard]] uint64_t allowed() const;

 private:
  class Stream;
  std::unique_ptr<Stream> stream_;
};

}  // namespace ktl::secrets
