// The file of --logfile: all that is shown, as it is shown.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/fd.h"
#include "cli/console.h"

namespace ktl::cli {

// Bytes are appended as they come, so that the file can be watched; never colours, never drawn
// over. When the file cannot take more, that is told once, and nothing is written after the gap.
// Thread rule as for every Console.
class LogFile : public Console {
 public:
  using Tell = std::function<void(const std::string&)>;

  // Opens `file` (absolute), a new one readable by its user only; missing folders are made. Inside
  // `context`, which is not trusted, the file may be no link and its folders may not lead out:
  // kInvalidArgument. `tell` gets one line, from any thread, when writing fails; must not block.
  static Result<std::shared_ptr<LogFile>> open(const std::filesystem::path& file,
                                               const std::filesystem::path& context, Tell tell);

  void out(std::string_view text) override { draw(text); }
  void draw(std::string_view text) override;
  void hush() override {}
  [[nodiscard]] bool terminal() const override { return false; }
  [[nodiscard]] bool one_place() const override { return true; }
  [[nodiscard]] size_t columns() const override { return 80; }
  [[nodiscard]] size_t rows() const override { return 24; }
  // True when something is missing in the file.
  [[nodiscard]] bool failed() const;

 private:
  LogFile(UniqueFd file, std::string name, Tell tell)
      : file_(std::move(file)), name_(std::move(name)), tell_(std::move(tell)) {}

  UniqueFd file_;
  std::string name_;
  Tell tell_;
  mutable std::mutex mutex_;
  bool failed_ = false;
};

}  // namespace ktl::cli
