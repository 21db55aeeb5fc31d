// What the plugins of the stages' tests have in common: they do what files say.
#pragma once

#include <poll.h>

#include <csignal>
#include <fstream>
#include <ktl/plugin.hpp>
#include <sstream>
#include <string>

namespace puppet {

// Each verb has a file in the folder that the configuration names. It holds the answer, or one of
// "crash", "hang" (until the process ends), "fail CODE TEXT", "slow MS" (then an empty answer).
// What the verb was given is added to VERB.seen, a line for each call.
class Puppet {
 public:
  explicit Puppet(std::string_view config) {
    const std::string_view key = R"("folder":")";
    const size_t begin = config.find(key) + key.size();
    folder_ = config.substr(begin, config.find('"', begin) - begin);
  }

  bool knows(const std::string& verb) const { return std::ifstream(folder_ + "/" + verb).good(); }

  std::string play(const std::string& verb, std::string_view document) const {
    std::ofstream(folder_ + "/" + verb + ".seen", std::ios::app) << document << '\n';
    std::ifstream file(folder_ + "/" + verb);
    std::ostringstream text;
    text << file.rdbuf();
    return obey(text.str());
  }

 private:
  static std::string obey(const std::string& text) {
    std::istringstream words(text);
    std::string word;
    int number = 0;
    words >> word;
    if (word == "crash") {
      ::raise(SIGSEGV);
    } else if (word == "hang") {
      for (;;) {
        ::poll(nullptr, 0, -1);
      }
    } else if (word == "fail") {
      words >> number;
      std::getline(words >> std::ws, word);
      throw ktl::Error(number, word, "ask the test");
    } else if (word == "slow") {
      words >> number;
      ::poll(nullptr, 0, number);
      return {};
    }
    return text;
  }

  std::string folder_;
};

}  // namespace puppet
