#include "services/token_authority.h"

#include "transport/openssl.h"

namespace ktl::solver {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kSignatureBytes = 64;

Status broken() { return {Code::kInternal, "OpenSSL makes no Ed25519 key"}; }

}  // namespace

Result<std::shared_ptr<const TokenAuthority>> TokenAuthority::make() {
  KTL_ASSIGN(const OpenSsl* ssl, openssl());
  const Key key(ssl->EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), ssl->EVP_PKEY_free);
  std::string bytes(kKeyBytes, '\0');
  size_t size = bytes.size();
  if (key == nullptr ||
      ssl->EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(bytes.data()),
                                       &size) != 1 ||
      size != kKeyBytes) {
    return broken();
  }
  return std::shared_ptr<const TokenAuthority>(new TokenAuthority(key, std::move(bytes)));
}

Result<std::string> TokenAuthority::sign(std::string_view payload) const {
  if (payload.size() > kMaxPayload) {
    return Status(Code::kInvalidArgument, "more to sign than anybody needs");
  }
  KTL_ASSIGN(const OpenSsl* ssl, openssl());
  const std::unique_ptr<EVP_MD_CTX, decltype(ssl->EVP_MD_CTX_free)> context(ssl->EVP_MD_CTX_new(),
                                                                            ssl->EVP_MD_CTX_free);
  std::string signed_text(kSignatureBytes, '\0');
  size_t size = signed_text.size();
  if (context == nullptr ||
      ssl->EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      ssl->EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signed_text.data()),
                          &size, reinterpret_cast<const unsigned char*>(payload.data()),
                          payload.size()) != 1 ||
      size != kSignatureBytes) {
    return broken();
  }
  return signed_text.append(payload);
}

}  // namespace ktl::solver
