// Finds what a stream says in base64, hex and URL escapes, one level deep. Within lib/secrets only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "secrets/encoded_runs.h"
#include "secrets/scanner.h"

namespace ktl::secrets {

// What was decoded, where its encoded form begins in the text at hand, and how long that is so far.
struct Decoded {
  DecodedBy by = DecodedBy::kNone;
  std::string_view bytes;
  bool last = false;  // what comes next is something else
};

class Decoder {
 public:
  // Told of each run as it is decoded; `offset` is that of its first character in the stream.
  using Sink = std::function<void(const Decoded&, uint64_t offset, uint64_t end)>;

  explicit Decoder(Sink sink) : sink_(std::move(sink)) {}
  void begin();

  // Reads text[from, to), which is at `base` + from in the stream and goes on where the last call
  // ended. `text` reaches further, by kReach unless the stream ends with it.
  void read(std::string_view text, size_t from, size_t to, uint64_t base, bool final);

 private:
  void read_runs(std::string_view text, size_t from, size_t to, uint64_t base, bool final);
  void read_escapes(std::string_view text, size_t from, size_t to, uint64_t base);
  void start_run(std::string_view text, size_t at, uint64_t base);
  [[nodiscard]] size_t next_line(std::string_view text, size_t end, uint64_t base) const;

  Sink sink_;
  BitDecoder bits_;
  std::string out_;
  DecodedBy by_ = DecodedBy::kNone;  // kNone: not in a run
  uint64_t start_ = 0;               // of the run, in the stream
  uint64_t line_start_ = 0;          // of its present line
  uint64_t resume_ = 0;              // where the run goes on
  uint64_t escaped_ = 0;             // up to here escapes are decoded
};

}  // namespace ktl::secrets
