// What ktl knows of the steps that one daemon keeps in its cache.
//
// BuildKit's cache key knows neither the fence behind which a step ran nor what it fetched, so a
// cached step alone proves nothing. One file a daemon state, lines of JSON that are only appended.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "ledger/entry.h"

namespace ktl::ledger {

// Several programs may use one ledger: writers hold flock(2) on a file beside it. A line that was
// cut off by a crash is no entry; a reader that sees one waits for whoever may still be writing it.
// Not thread-safe.
class Ledger {
 public:
  // What does not fit into these is forgotten, oldest first: a forgotten step is an unknown one.
  struct Limits {
    size_t bytes = 32U << 20U;
  };

  // `daemon` is the identity of a daemon's state: with another one nothing is found. `folder` is
  // the user's own (made with mode 0700) and holds one file for each daemon.
  static Result<Ledger> open(const std::filesystem::path& folder, std::string_view daemon,
                             Limits limits);
  static Result<Ledger> open(const std::filesystem::path& folder, std::string_view daemon) {
    return open(folder, daemon, Limits());
  }

  // The newest entry of this step behind this very fence, as of open() and what was added since.
  [[nodiscard]] const Entry* find(std::string_view step, std::string_view fence) const;
  [[nodiscard]] size_t size() const { return entries_.size(); }
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }
  // Whether something in the file was no entry: what it was is forgotten. The next add() repairs
  // it.
  [[nodiscard]] bool damaged() const { return damaged_; }

  // Appends all of them. kUnavailable: another program holds the ledger for more than 5 s.
  Status add(std::span<const Entry> entries);

 private:
  Ledger(std::filesystem::path file, Limits limits) : file_(std::move(file)), limits_(limits) {}
  [[nodiscard]] Result<std::string> text() const;
  Status read();
  void take_lines(std::string_view text);
  Status append(const std::string& lines) const;
  Status shorten();
  Status rewrite(size_t bytes);
  void take(Entry entry);

  std::filesystem::path file_;
  Limits limits_;
  bool damaged_ = false;
  std::map<std::pair<std::string, std::string>, Entry> entries_;  // by step and fence
};

}  // namespace ktl::ledger
