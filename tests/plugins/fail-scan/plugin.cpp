// A scan that could not look, which must keep anything from being exported.
#include <ktl/plugin.hpp>

namespace {

class FailScan : public ktl::Scanner {
 public:
  FailScan(ktl::Call&, std::string_view) {}

  std::string scan(ktl::Call&, std::string_view) override {
    throw ktl::Error(KTL_DATA_LOSS, "the rules cannot be read", "put the rules back");
  }
};

}  // namespace

KTL_PLUGIN(FailScan)
