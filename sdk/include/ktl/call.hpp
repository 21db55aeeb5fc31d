// ktl/call.hpp: what a C++ plugin's code works with: texts, failures, and the call it is in.
#pragma once

#include <ktl/iface/host.h>
#include <ktl/plugin.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace ktl {
// Inline, so that these names never meet ktl's own in a test that links both into one program.
inline namespace sdk {

inline std::string_view view(ktl_str text) { return {text.data, text.size}; }
inline ktl_str str(std::string_view text) { return {text.data(), text.size()}; }

// Why a verb failed: a KTL_* code, one sentence, and what the user can do about it.
class Error : public std::runtime_error {
 public:
  Error(ktl_status code, const std::string& message, std::string next = {})
      : std::runtime_error(message), code_(code), next_(std::move(next)) {}
  [[nodiscard]] ktl_status code() const { return code_; }
  [[nodiscard]] const std::string& next() const { return next_; }

 private:
  ktl_status code_;
  std::string next_;
};

// One call into the plugin. Valid, from any thread, until the verb returns.
class Call {
 public:
  Call(const ktl_host& host, ktl_call* call) : host_(&host), call_(call) {}

  // Appends to the result: for verbs whose result is bytes and no document.
  void write(std::string_view bytes) const { host_->write(call_, str(bytes)); }
  void emit(std::string_view type, std::string_view body) const {
    host_->emit(call_, str(type), str(body));
  }
  void log(int32_t level, std::string_view message) const {
    host_->log(call_, level, str(message));
  }
  [[nodiscard]] bool cancelled() const { return host_->cancelled(call_) != 0; }
  [[nodiscard]] int cancel_fd() const { return host_->cancel_fd(call_); }
  [[nodiscard]] int64_t deadline_ns() const { return host_->deadline_ns(call_); }

  // The table of a host service; throws KTL_UNIMPLEMENTED when ktl does not offer it.
  template <class Table>
  [[nodiscard]] const Table& service(std::string_view id) const {
    const void* table = host_->get(call_, str(id));
    if (table == nullptr) {
      throw Error(KTL_UNIMPLEMENTED, "this ktl does not offer " + std::string(id));
    }
    return *static_cast<const Table*>(table);
  }
  [[nodiscard]] const ktl_host_content_v1& content() const {
    return service<ktl_host_content_v1>(KTL_HOST_CONTENT_ID);
  }
  // Runs a host verb that fills a path buffer and returns the path.
  [[nodiscard]] std::string path(ktl_status (*verb)(ktl_call*, char*, size_t*)) const {
    std::array<char, 4096> buffer{};
    size_t size = buffer.size();
    ktl_status code = verb(call_, buffer.data(), &size);
    if (code != KTL_OK) {
      throw Error(code, "ktl could not provide a folder");
    }
    return {buffer.data(), size};
  }

  [[nodiscard]] const ktl_host& host() const { return *host_; }
  [[nodiscard]] ktl_call* raw() const { return call_; }

 private:
  const ktl_host* host_;
  ktl_call* call_;
};

}  // namespace sdk
}  // namespace ktl
