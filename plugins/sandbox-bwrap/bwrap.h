// bubblewrap as ktl's fence: it gets nsjail's policies translated.
#pragma once

#include <ktl/interfaces.hpp>

#include <string>
#include <string_view>

namespace ktl::sandbox_bwrap {

// Stateless; the verbs are those of ktl/iface/sandbox.h.
class Bwrap : public Sandbox {
 public:
  Bwrap(Call& /*call*/, std::string_view /*config*/) {}
  std::string probe(Call& call, std::string_view fence) override;
  std::string wrap(Call& call, std::string_view wrap) override;
};

}  // namespace ktl::sandbox_bwrap
