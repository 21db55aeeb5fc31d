#include "puppet.hpp"

namespace {

// Signs only when there is a file that says how.
class Attest : public ktl::Attester {
 public:
  Attest(ktl::Call& /*call*/, std::string_view config) : puppet_(config) {}

  std::string attest(ktl::Call& /*call*/, std::string_view subject) override {
    return puppet_.play("attest", subject);
  }
  std::string sign(ktl::Call& call, std::string_view statement) override {
    return puppet_.knows("sign") ? puppet_.play("sign", statement)
                                 : ktl::Attester::sign(call, statement);
  }

 private:
  puppet::Puppet puppet_;
};

}  // namespace

KTL_PLUGIN(Attest)
