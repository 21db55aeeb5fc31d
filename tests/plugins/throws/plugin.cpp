// Exceptions of all kinds: the SDK turns them into failures, and none crosses the boundary.
#include <ktl/plugin.hpp>

namespace {

class Throws : public ktl::Runner {
 public:
  Throws(ktl::Call&, std::string_view) {}

  std::string run(ktl::Call&, std::string_view command) override {
    if (command.find("\"number\"") != std::string_view::npos) {
      throw 7;
    }
    throw std::runtime_error("standard trouble");
  }
};

}  // namespace

KTL_PLUGIN(Throws)
