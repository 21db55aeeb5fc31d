// A command that is to run behind a fence (wrap-1), and what has to be executed instead
// (wrapped-1).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "jail/fence.h"

namespace ktl::jail {

struct Wrap {
  Fence fence;
  std::vector<std::string> argv;
  std::map<std::string, std::string> env;
  std::vector<int> keep_fds;
  int log_fd = -1;
};

// `document` is valid against its schema. kInvalidArgument: the first word of the command is no
// absolute path (inside nothing is looked up in PATH), or a variable's name has a "=".
Result<Wrap> to_wrap(const json::object& document);

// The command under construction. Not thread-safe.
class Wrapped {
 public:
  explicit Wrapped(const Wrap& wrap) : taken_(wrap.keep_fds) { taken_.push_back(wrap.log_fd); }

  void add(std::initializer_list<std::string> words) { argv_.insert(argv_.end(), words); }
  void add(const std::vector<std::string>& words) {
    argv_.insert(argv_.end(), words.begin(), words.end());
  }
  // A descriptor with this content, by a number that nothing else has.
  int add_file(const std::string& text);
  // The same for what is no UTF-8.
  int add_bytes(std::string_view bytes);
  // kResourceExhausted: a file has more than the 1 MiB that wrapped-1 allows.
  [[nodiscard]] Status check() const;
  // The document. The runtime itself gets nothing but PATH (a wrapper script looks for programs)
  // and NO_COLOR (its log is kept).
  [[nodiscard]] json::object document() const;
  [[nodiscard]] size_t files() const { return files_.size(); }

 private:
  int take_number();

  std::vector<std::string> argv_;
  std::vector<int> taken_;
  json::array files_;
};

}  // namespace ktl::jail
