// Where the program writes: stdout for results, stderr for everything else.
#pragma once

#include <string>
#include <string_view>

namespace ktl::cli {

// Thread rule: out and err may be called from any thread; one call's text stays together.
class Console {
 public:
  virtual ~Console() = default;
  virtual void out(std::string_view text) = 0;
  virtual void err(std::string_view text) = 0;
  // Whether stderr is a terminal that can move its cursor (TERM is not "dumb").
  [[nodiscard]] virtual bool terminal() const = 0;
  // Of the terminal, now; 80 and 24 when unknown.
  [[nodiscard]] virtual size_t columns() const = 0;
  [[nodiscard]] virtual size_t rows() const = 0;
};

// Descriptors 1 and 2. A reader that went away is no error: progress is lost, the build goes on.
class ProcessConsole : public Console {
 public:
  explicit ProcessConsole(bool dumb);
  void out(std::string_view text) override;
  void err(std::string_view text) override;
  [[nodiscard]] bool terminal() const override { return terminal_; }
  [[nodiscard]] size_t columns() const override;
  [[nodiscard]] size_t rows() const override;
  // True when something for stdout could not be written: results were lost.
  [[nodiscard]] bool lost() const { return lost_; }

 private:
  bool terminal_;
  bool lost_ = false;
};

// Keeps what was written; for tests.
class MemoryConsole : public Console {
 public:
  void out(std::string_view text) override { out_text += text; }
  void err(std::string_view text) override { err_text += text; }
  [[nodiscard]] bool terminal() const override { return is_terminal; }
  [[nodiscard]] size_t columns() const override { return width; }
  [[nodiscard]] size_t rows() const override { return height; }

  std::string out_text;
  std::string err_text;
  bool is_terminal = false;
  size_t width = 80;
  size_t height = 24;
};

}  // namespace ktl::cli
