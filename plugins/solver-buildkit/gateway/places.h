// Where in the Dockerfile a build's steps stand.
#pragma once

#include <map>
#include <string>

#include "base/json.h"

namespace ktl::solver {

// Of the graphs that a frontend made, by the steps' names as the progress shows them. Thread rule:
// one thread.
class Places {
 public:
  // `definition`: a serialised pb.Definition. What cannot be read is left out.
  void add(const std::string& definition);

  // "source" of ktl.build-error/1; null when it is not known.
  [[nodiscard]] json::value source_of(const std::string& step) const;

 private:
  struct Place {
    std::string file;
    std::string text;  // of the whole file
    int64_t first = 0;
    int64_t last = 0;
  };
  std::map<std::string, Place> places_;
};

}  // namespace ktl::solver
