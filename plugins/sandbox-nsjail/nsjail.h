// nsjail as ktl's fence: it takes policies as they are.
#pragma once

#include <ktl/interfaces.hpp>

#include <string>
#include <string_view>

namespace ktl::sandbox_nsjail {

// Stateless; the verbs are those of ktl/iface/sandbox.h.
class Nsjail : public Sandbox {
 public:
  Nsjail(Call& /*call*/, std::string_view /*config*/) {}
  std::string probe(Call& call, std::string_view fence) override;
  std::string wrap(Call& call, std::string_view wrap) override;
};

}  // namespace ktl::sandbox_nsjail
