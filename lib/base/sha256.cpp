#include "base/sha256.h"

// The low-level functions start in nanoseconds; EVP_MD_fetch costs a library context first.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <unistd.h>

#include <cerrno>

namespace ktl {

struct Sha256::State {
  SHA256_CTX context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { SHA256_Init(&state_->context); }
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) {
  SHA256_Update(&state_->context, bytes.data(), bytes.size());
}

std::string Sha256::hex() {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  SHA256_Final(hash.data(), &state_->context);
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * hash.size());
  for (unsigned char byte : hash) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex();
}

Result<std::string> sha256_hex_of_fd(int fd) {
  Sha256 hash;
  constexpr size_t kPiece = 1U << 18U;
  const auto buffer = std::make_unique_for_overwrite<char[]>(kPiece);  // most files are small
  off_t offset = 0;
  while (true) {
    ssize_t n = ::pread(fd, buffer.get(), kPiece, offset);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0) {
      return errno_status("read", errno);
    }
    if (n == 0) {
      return hash.hex();
    }
    hash.update({buffer.get(), static_cast<size_t>(n)});
    offset += n;
  }
}

bool is_digest(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  return text.size() == kPrefix.size() + 64 && text.starts_with(kPrefix) &&
         text.find_first_not_of("0123456789abcdef", kPrefix.size()) == std::string_view::npos;
}

std::string digest_of(std::string_view bytes) { return "sha256:" + sha256_hex(bytes); }

}  // namespace ktl
