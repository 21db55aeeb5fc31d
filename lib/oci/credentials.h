// What opens a registry. Secret: never in a document, an event, an error or a log.
#pragma once

#include <string.h>

#include <cstdint>
#include <string>
#include <utility>

namespace ktl::oci {

// A user and a password, or an identity token (user "<token>") to be exchanged for access tokens.
// Its bytes are zeroed when it goes; it moves, and is copied only by clone().
class Credentials {
 public:
  static constexpr const char* kTokenUser = "<token>";

  Credentials() = default;
  Credentials(std::string user, std::string secret)
      : user_(std::move(user)), secret_(std::move(secret)) {}
  Credentials(Credentials&& other) noexcept { swap(other); }
  Credentials& operator=(Credentials&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Credentials() {
    wipe(user_);
    wipe(secret_);
  }

  [[nodiscard]] Credentials clone() const { return {user_, secret_}; }
  [[nodiscard]] const std::string& user() const { return user_; }
  [[nodiscard]] const std::string& secret() const { return secret_; }
  [[nodiscard]] bool empty() const { return user_.empty() && secret_.empty(); }
  [[nodiscard]] bool is_identity_token() const { return user_ == kTokenUser; }

  static void wipe(std::string& text) {
    ::explicit_bzero(text.data(), text.size());
    text.clear();
  }

 private:
  void swap(Credentials& other) noexcept {
    user_.swap(other.user_);
    secret_.swap(other.secret_);
  }
  std::string user_;
  std::string secret_;
};

// Secret like the credentials, but only for as long as it lives. Its bytes are zeroed when it goes.
class Token {
 public:
  static constexpr int64_t kUsualSeconds = 60;  // what the specification says of one without a time

  Token() = default;
  explicit Token(std::string value, int64_t seconds = kUsualSeconds)
      : value_(std::move(value)), seconds_(seconds) {}
  Token(Token&& other) noexcept : seconds_(other.seconds_) { value_.swap(other.value_); }
  Token& operator=(Token&& other) noexcept {
    value_.swap(other.value_);
    seconds_ = other.seconds_;
    return *this;
  }
  ~Token() { Credentials::wipe(value_); }

  [[nodiscard]] const std::string& value() const { return value_; }
  [[nodiscard]] int64_t seconds() const { return seconds_; }  // from when it was given
  [[nodiscard]] bool empty() const { return value_.empty(); }

 private:
  std::string value_;
  int64_t seconds_ = kUsualSeconds;
};

// What a registry wants to see from those who come without anything.
enum class Entry { kOpen, kBasic, kToken };

}  // namespace ktl::oci
