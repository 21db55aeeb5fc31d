// SHA-256 and the "sha256:<hex>" digests of the OCI image specification.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace ktl {

// Incremental SHA-256 (FIPS 180-4). One thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::string_view bytes);
  std::string hex();  // 64 lower-case digits; the object must not be used afterwards

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(std::string_view bytes);
Result<std::string> sha256_hex_of_fd(int fd);  // from offset 0, by pread; the position stays

// "sha256:<64 hex digits>" and nothing else; the only digest algorithm ktl accepts.
bool is_digest(std::string_view text);
std::string digest_of(std::string_view bytes);

}  // namespace ktl
