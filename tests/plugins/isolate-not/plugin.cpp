// Hands out a value as bytes, in two pieces; or too many of them.
#include <ktl/plugin.hpp>

namespace {

class Vault : public ktl::SecretProvider {
 public:
  Vault(ktl::Call&, std::string_view) {}

  void resolve(ktl::Call& call, std::string_view reference) override {
    if (reference.find("none:") != std::string_view::npos) {
      throw ktl::Error(KTL_NOT_FOUND, "there is no such secret", "look for it elsewhere");
    }
    bool much = reference.find("much") != std::string_view::npos;
    call.write("not {json ");
    call.write(much ? std::string(600 * 1024, 'x') : std::string("\0 at all", 8));
  }
};

}  // namespace

KTL_PLUGIN(Vault)
