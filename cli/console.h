// Where the program writes: stdout for results, stderr for everything else.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace ktl::cli {

// Thread rule: out, err and draw may be called from any thread; one call's text stays together.
class Console {
 public:
  using Taker = std::function<void(std::string_view)>;

  virtual ~Console() = default;
  virtual void out(std::string_view text) = 0;
  // For people; goes to whoever diverted it.
  void err(std::string_view text);
  // To stderr whatever is diverted: for who draws on the terminal.
  virtual void draw(std::string_view text) = 0;
  // From now on `taker` gets what err is given; an empty one ends that. It must not call err.
  void divert(Taker taker);
  // Whether stderr is a terminal that can move its cursor (TERM is not "dumb").
  [[nodiscard]] virtual bool terminal() const = 0;
  // Of the terminal, now; 80 and 24 when unknown.
  [[nodiscard]] virtual size_t columns() const = 0;
  [[nodiscard]] virtual size_t rows() const = 0;
  // Nothing is drawn after this: what is being written ends whole if the terminal takes it within
  // a moment. For a program that is about to end at once.
  virtual void hush() = 0;
  // Whether stdout and stderr are shown in one place, as on a plain terminal.
  [[nodiscard]] virtual bool one_place() const = 0;

 private:
  std::mutex diverting_;
  Taker taker_;
};

// Descriptors 1 and 2. A reader that went away is no error: progress is lost, the build goes on.
class ProcessConsole : public Console {
 public:
  explicit ProcessConsole(bool dumb);
  void out(std::string_view text) override;
  void draw(std::string_view text) override;
  void hush() override;
  [[nodiscard]] bool terminal() const override { return terminal_; }
  [[nodiscard]] bool one_place() const override;
  [[nodiscard]] size_t columns() const override;
  [[nodiscard]] size_t rows() const override;
  // True when something for stdout could not be written: results were lost.
  [[nodiscard]] bool lost() const { return lost_; }

 private:
  bool terminal_;
  bool lost_ = false;
  std::timed_mutex writing_;
};

// Keeps what was written; for tests.
class MemoryConsole : public Console {
 public:
  void out(std::string_view text) override { out_text += text; }
  void draw(std::string_view text) override { err_text += text; }
  [[nodiscard]] bool terminal() const override { return is_terminal; }
  void hush() override {}
  [[nodiscard]] bool one_place() const override { return false; }
  [[nodiscard]] size_t columns() const override { return width; }
  [[nodiscard]] size_t rows() const override { return height; }

  std::string out_text;
  std::string err_text;
  bool is_terminal = false;
  size_t width = 80;
  size_t height = 24;
};

}  // namespace ktl::cli
