#include "transport/tls_carrier.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "base/clock.h"
#include "transport/openssl.h"

namespace ktl::solver {
namespace {

constexpr int64_t kHandshakeNs = 10'000'000'000;
constexpr size_t kMaxRecord = 1U << 20U;

// Only used once openssl() has been loaded.
const OpenSsl* ssl() {
  static const OpenSsl* const kTable = *openssl();
  return kTable;
}

struct Free {
  void operator()(SSL_CTX* context) const { ssl()->SSL_CTX_free(context); }
  void operator()(SSL* session) const { ssl()->SSL_free(session); }
};
using Context = std::unique_ptr<SSL_CTX, Free>;
using Session = std::unique_ptr<SSL, Free>;

// OpenSSL's newest reason on this thread, and an empty queue.
std::string reason() {
  const unsigned long error = ssl()->ERR_peek_last_error();
  ssl()->ERR_clear_error();
  const char* text = error == 0 ? nullptr : ssl()->ERR_reason_error_string(error);
  return text == nullptr ? "no reason given" : text;
}

class TlsCarrier final : public Carrier {
 public:
  TlsCarrier(UniqueFd socket, Context context, Session session)
      : socket_(std::move(socket)), context_(std::move(context)), session_(std::move(session)) {}
  [[nodiscard]] int fd() const override { return socket_.get(); }
  [[nodiscard]] bool wants_write() const override { return wants_write_; }

  Result<size_t> read(std::span<char> buffer) override {
    size_t n = 0;
    ssl()->ERR_clear_error();
    const int code = ssl()->SSL_read_ex(session_.get(), buffer.data(), buffer.size(), &n);
    const int error = code == 1 ? SSL_ERROR_NONE : ssl()->SSL_get_error(session_.get(), code);
    wants_write_ = error == SSL_ERROR_WANT_WRITE;
    return result(error, n);
  }

  Result<size_t> write(std::string_view bytes) override {
    size_t n = 0;
    ssl()->ERR_clear_error();
    const int code =
        ssl()->SSL_write_ex(session_.get(), bytes.data(), std::min(bytes.size(), kMaxRecord), &n);
    return result(code == 1 ? SSL_ERROR_NONE : ssl()->SSL_get_error(session_.get(), code), n);
  }

 private:
  static Result<size_t> result(int error, size_t n) {
    switch (error) {
      case SSL_ERROR_NONE:
        return n;
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE:
        return size_t{0};
      case SSL_ERROR_ZERO_RETURN:
        return Status(Code::kUnavailable, "the other side closed the connection");
      case SSL_ERROR_SSL:
        // With TLS 1.3 a builder judges our certificate after the handshake.
        return Status(Code::kUnavailable, "the builder ended TLS: " + reason());
      default:
        return Status(Code::kUnavailable, "the connection broke");
    }
  }

  UniqueFd socket_;
  Context context_;
  Session session_;
  bool wants_write_ = false;
};

Status not_loaded(const std::string& what, const std::string& file) {
  return Status(Code::kInvalidArgument,
                "the builder's " + what + " " + file + " does not load: " + reason())
      .advise("it must be a readable PEM file");
}

Status load_own(SSL_CTX* context, const builder::TlsFiles& files) {
  if (files.cert.empty() && files.key.empty()) {
    return {};
  }
  if (files.cert.empty() || files.key.empty()) {
    return {Code::kInvalidArgument, "a client's TLS needs both, cert and key"};
  }
  if (ssl()->SSL_CTX_use_certificate_chain_file(context, files.cert.c_str()) != 1) {
    return not_loaded("client certificate", files.cert);
  }
  if (ssl()->SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return not_loaded("client key", files.key);
  }
  return ssl()->SSL_CTX_check_private_key(context) == 1
             ? Status()
             : Status(Code::kInvalidArgument, files.key + " is not the key of " + files.cert);
}

Status load(SSL_CTX* context, const builder::TlsFiles& files) {
  if (files.cacert.empty()) {
    ssl()->SSL_CTX_set_default_verify_paths(context);
  } else if (ssl()->SSL_CTX_load_verify_locations(context, files.cacert.c_str(), nullptr) != 1) {
    return not_loaded("CA file", files.cacert);
  }
  return load_own(context, files);
}

Result<Context> make_context(const builder::TlsFiles& files) {
  Context context(ssl()->SSL_CTX_new(ssl()->TLS_client_method()));
  if (context == nullptr) {
    return Status(Code::kInternal, "TLS cannot be used: " + reason());
  }
  ssl()->SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  ssl()->SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  ssl()->SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  ssl()->SSL_CTX_set_mode(context.get(),
                          SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  KTL_TRY(load(context.get(), files));
  return context;
}

bool is_address(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

// Whom the certificate must be for; SNI (RFC 6066) only takes names.
bool expect(SSL* session, const std::string& name) {
  if (is_address(name)) {
    return ssl()->X509_VERIFY_PARAM_set1_ip_asc(ssl()->SSL_get0_param(session), name.c_str()) == 1;
  }
  return ssl()->SSL_set1_host(session, name.c_str()) == 1 &&
         ssl()->SSL_set_tlsext_host_name(session, name.c_str()) == 1;
}

Status refused(SSL* session, const std::string& name) {
  const long verdict = ssl()->SSL_get_verify_result(session);
  if (verdict != X509_V_OK) {
    ssl()->ERR_clear_error();
    return Status(Code::kUnavailable, "the builder's certificate is not accepted for " + name +
                                          ": " + ssl()->X509_verify_cert_error_string(verdict))
        .advise("name the right CA file (cacert=) and the name in the certificate (servername=)");
  }
  return Status(Code::kUnavailable, "TLS with the builder failed: " + reason())
      .advise("does it speak TLS there, and does it want a client certificate (cert=, key=)?");
}

Status shake(SSL* session, int fd, const std::string& name, const Cancelled& cancelled) {
  const int64_t deadline_ns = system_clock().monotonic_ns() + kHandshakeNs;
  while (true) {
    ssl()->ERR_clear_error();
    const int code = ssl()->SSL_connect(session);
    if (code == 1) {
      return {};
    }
    const int error = ssl()->SSL_get_error(session, code);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      return refused(session, name);
    }
    Status waited =
        wait_for(fd, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline_ns, cancelled);
    if (waited.code() == Code::kDeadlineExceeded) {
      return {Code::kUnavailable, "the builder did not finish TLS's handshake within 10 s"};
    }
    KTL_TRY(waited);
  }
}

bool speaks_h2(SSL* session) {
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  ssl()->SSL_get0_alpn_selected(session, &protocol, &size);
  return size == 2 && std::memcmp(protocol, "h2", 2) == 0;
}

}  // namespace

Result<std::unique_ptr<Carrier>> shake_hands(UniqueFd socket, const std::string& host,
                                             const builder::TlsFiles& files, bool h2,
                                             const Cancelled& cancelled) {
  static constexpr std::array<unsigned char, 3> kH2 = {2, 'h', '2'};
  static constexpr std::array<unsigned char, 9> kHttp1 = {8,   'h', 't', 't', 'p',
                                                          '/', '1', '.', '1'};
  KTL_TRY(openssl().status());
  KTL_ASSIGN(Context context, make_context(files));
  Session session(ssl()->SSL_new(context.get()));
  const std::string& name = files.server_name.empty() ? host : files.server_name;
  if (session == nullptr || !expect(session.get(), name) ||
      ssl()->SSL_set_fd(session.get(), socket.get()) != 1) {
    return Status(Code::kInvalidArgument, "TLS cannot be set up for " + name + ": " + reason());
  }
  if (h2) {
    ssl()->SSL_set_alpn_protos(session.get(), kH2.data(), kH2.size());
  } else {
    ssl()->SSL_set_alpn_protos(session.get(), kHttp1.data(), kHttp1.size());
  }
  ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
  KTL_TRY(shake(session.get(), socket.get(), name, cancelled));
  if (h2 && !speaks_h2(session.get())) {
    return Status(Code::kUnavailable, "what answers at " + host + " speaks TLS but no HTTP/2");
  }
  return std::unique_ptr<Carrier>(
      new TlsCarrier(std::move(socket), std::move(context), std::move(session)));
}

}  // namespace ktl::solver
