#include "puppet.hpp"

namespace {

class Prepare : public ktl::Preparer {
 public:
  Prepare(ktl::Call& /*call*/, std::string_view config) : puppet_(config) {}

  std::string prepare(ktl::Call& /*call*/, std::string_view preparation) override {
    return puppet_.play("prepare", preparation);
  }

 private:
  puppet::Puppet puppet_;
};

}  // namespace

KTL_PLUGIN(Prepare)
