#include "cli/render/lines.h"

#include <utility>

namespace ktl::cli {
namespace {

std::string closed(std::string line) {
  size_t colour = line.rfind("\x1b[");
  if (colour == std::string::npos) {
    return line;
  }
  std::string_view last = std::string_view(line).substr(colour);
  bool reset = last.starts_with("\x1b[0m") || last.starts_with("\x1b[m");
  return reset ? line : line + "\x1b[0m";
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// U+2500 to U+28FF: lines, blocks, braille.
bool draws(std::string_view rest) {
  return rest.size() > 2 && rest[0] == '\xE2' && rest[1] >= '\x94' && rest[1] <= '\xA3';
}

// What is left of a line without digits and what bars are drawn with.
std::string words_of(std::string_view line) {
  std::string words;
  for (size_t at = 0; at < line.size(); ++at) {
    if (draws(line.substr(at))) {
      at += 2;
    } else if (is_letter(line[at]) || static_cast<unsigned char>(line[at]) >= 0x80) {
      words += line[at];
    }
  }
  return words;
}

}  // namespace

// The line before the last carriage return, unless what was written over it is the same bar.
void Lines::end_overwritten(std::vector<std::string>& lines) {
  if (!overwritten_.empty() && (open_.empty() || words_of(overwritten_) != words_of(open_))) {
    lines.push_back(closed(std::move(overwritten_)));
  }
  overwritten_.clear();
}

void Lines::end_line(std::vector<std::string>& lines) {
  bool only_overwritten = open_.empty() && !overwritten_.empty();
  end_overwritten(lines);
  if (!only_overwritten) {
    lines.push_back(closed(std::exchange(open_, {})));
  }
}

std::vector<std::string> Lines::feed(std::string_view bytes) {
  std::vector<std::string> lines;
  for (char c : sanitizer_.feed(bytes)) {
    bool boundary = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    if (c == '\n' || (open_.size() >= kMostLineBytes && boundary)) {
      end_line(lines);
    }
    if (c == '\r' && !open_.empty()) {
      end_overwritten(lines);
      overwritten_ = std::exchange(open_, {});
    } else if (c != '\n' && c != '\r') {
      open_ += c;
    }
  }
  return lines;
}

std::vector<std::string> Lines::flush() {
  std::vector<std::string> lines;
  if (!open_.empty() || !overwritten_.empty()) {
    end_line(lines);
  }
  return lines;
}

std::string Lines::current() const { return closed(open_.empty() ? overwritten_ : open_); }

}  // namespace ktl::cli
