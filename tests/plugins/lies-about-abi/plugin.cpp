// The manifest, made by ktl_add_plugin(), has this ktl's contract; the code says another.
#include <ktl/plugin.hpp>

namespace {

constexpr char kLie[] = "0000000000000000000000000000000000000000000000000000000000000000";
#define ktl_headers_sha256 kLie

class Liar : public ktl::Scanner {
 public:
  Liar(ktl::Call&, std::string_view) {}
  std::string scan(ktl::Call&, std::string_view) override { return "{}"; }
};

}  // namespace

KTL_PLUGIN(Liar)
