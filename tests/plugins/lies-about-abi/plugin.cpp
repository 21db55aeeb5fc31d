// The manifest, made by ktl_add_plugin(), has this ktl's contract; the code says another.
#undef KTL_HEADERS_SHA256
#define KTL_HEADERS_SHA256 "0000000000000000000000000000000000000000000000000000000000000000"
#include <ktl/plugin.hpp>

namespace {

class Liar : public ktl::Scanner {
 public:
  Liar(ktl::Call&, std::string_view) {}
  std::string scan(ktl::Call&, std::string_view) override { return "{}"; }
};

}  // namespace

KTL_PLUGIN(Liar)
