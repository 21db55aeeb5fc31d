#include "core/bridge/greeting.h"

#include <sys/random.h>

#include <array>

#include "base/clock.h"
#include "core/plugins/manifest.h"

namespace ktl::bridge {
namespace {

constexpr int64_t kHelloNs = 30'000'000'000;

std::string random_hex() {
  std::array<unsigned char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return {};
  }
  std::string text;
  for (unsigned char byte : bytes) {
    text += "0123456789abcdef"[byte >> 4U];
    text += "0123456789abcdef"[byte & 15U];
  }
  return text;
}

json::array services_of(const Host& host) {
  json::array services;
  if (host.content != nullptr) {
    services.emplace_back("content");
  }
  if (host.auth != nullptr) {
    services.emplace_back("auth");
  }
  if (host.secrets != nullptr) {
    services.emplace_back("secret");
  }
  if (host.redact) {
    services.emplace_back("redact");
  }
  if (host.files != nullptr) {
    services.emplace_back("files");
  }
  if (host.policy != nullptr) {
    services.emplace_back("policy");
  }
  if (host.builders != nullptr) {
    services.emplace_back("builder");
  }
  if (host.terminal != nullptr) {
    services.emplace_back("terminal");
  }
  return services;
}

}  // namespace

Status Handshake::say(const Greeting& greeting, Peer& peer) {
  nonce_ = random_hex();
  const Host& host = *greeting.host;
  json::object head{{"method", "hello"},
                    {"nonce", nonce_},
                    {"version", host_abi()},
                    {"folders",
                     {{"state", host.folders.state.native()},
                      {"cache", host.folders.cache.native()},
                      {"runtime", host.folders.runtime.native()}}},
                    {"content", host.content == nullptr ? "" : host.content->folder()},
                    {"services", services_of(host)},
                    {"environment", greeting.environment},
                    {"memory", greeting.memory}};
  KTL_ASSIGN(answer_, peer.start(head));
  return {};
}

Status Handshake::check(const std::string& name, const CallContext& context) {
  const std::lock_guard lock(mutex_);
  if (answer_ == nullptr) {
    return {};
  }
  const int64_t deadline = std::min(context.deadline_ns, system_clock().monotonic_ns() + kHelloNs);
  if (answer_->wait(deadline, context.cancel) != Pending::Wait::kDone) {
    return context.cancel != nullptr && context.cancel->cancelled()
               ? Status(Code::kCancelled, "interrupted")
               : Status(Code::kInternal, name + " does not answer");
  }
  auto answer = std::exchange(answer_, nullptr)->take();
  if (!answer.ok()) {
    return {Code::kInternal, answer.status().message()};
  }
  return text_of(answer->head, "nonce") == nonce_
             ? Status()
             : Status(Code::kInternal, name + " did not prove who it is");
}

}  // namespace ktl::bridge
