#include "cli/render/messages.h"

#include "cli/render/words.h"

namespace ktl::cli {

Publish print_messages(Console& console) {
  return [&console](std::string type, json::object body) {
    std::string line = sentence({.type = std::move(type), .body = std::move(body)});
    if (!line.empty()) {
      console.err(line + "\n");
    }
  };
}

}  // namespace ktl::cli
