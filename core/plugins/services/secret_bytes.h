// Bytes that must not stay in memory.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace ktl {

// Bytes that are zeroed when they go. Moves, never copies: a vector, since a moved std::string
// leaves short texts behind.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::vector<char> bytes) : bytes_(std::move(bytes)) {}
  SecretBytes(SecretBytes&& other) noexcept { bytes_.swap(other.bytes_); }
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    bytes_.swap(other.bytes_);
    return *this;
  }
  ~SecretBytes();

  [[nodiscard]] std::string_view view() const { return {bytes_.data(), bytes_.size()}; }

 private:
  std::vector<char> bytes_;
};

}  // namespace ktl
