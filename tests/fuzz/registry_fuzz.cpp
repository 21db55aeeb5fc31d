// A registry whose every answer is made up, three lines each: the status, the value of every header
// ktl reads, the body.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "oci/registry/push.h"
#include "oci/registry/token_exchange.h"

namespace {

class Liar : public ktl::http::Transport {
 public:
  explicit Liar(std::string_view text) : text_(text) {}

  ktl::Result<ktl::http::Response> send(const ktl::http::Request& request) override {
    // Whatever it was told before, ktl never leaves TLS and never comes to this machine.
    const auto url = ktl::http::parse_url(request.url);
    if (!url.ok() || url->scheme != "https" || ktl::http::is_loopback(url->host)) {
      std::abort();
    }
    ktl::http::Response response;
    response.status = std::atoi(std::string(line().substr(0, 3)).c_str());
    const std::string value(line());
    for (const char* name : {"location", "www-authenticate", "docker-content-digest"}) {
      response.headers.emplace_back(name, value);
    }
    response.body = line();
    return response;
  }

 private:
  std::string_view line() {
    const size_t end = std::min(text_.find('\n'), text_.size());
    const auto made = text_.substr(0, end);
    text_.remove_prefix(std::min(end + 1, text_.size()));
    return made;
  }
  std::string_view text_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Liar liar({reinterpret_cast<const char*>(data), size});
  ktl::oci::RegistryOptions options;
  options.attempts = 2;
  options.first_pause_ms = 0;
  options.credentials = [](std::string_view) {
    return ktl::Result<std::optional<ktl::oci::Credentials>>(ktl::oci::Credentials("u", "p"));
  };
  ktl::oci::Registry registry(liar, *ktl::oci::parse_reference("r.example/app"), options);
  (void)registry.manifest_digest("latest");
  (void)registry.manifest("sha256:" + std::string(64, 'a'));
  ktl::oci::Descriptor blob;
  blob.digest = "sha256:" + std::string(64, 'b');
  (void)registry.upload_blob(blob, -1, [](int64_t) {});
  ktl::oci::TokenExchange exchange(
      std::make_unique<Liar>(std::string_view(reinterpret_cast<const char*>(data), size)),
      options.credentials, {});
  (void)exchange.token("r.example", {"repository:app:pull"});
  return 0;
}
