// Moves bytes between a carrier and a protocol, on a thread of its own.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "base/fd.h"
#include "transport/carrier.h"

namespace ktl::solver {

// A protocol without I/O. All three are called by the pump's thread.
class Endpoint {
 public:
  virtual ~Endpoint() = default;
  // What is to be sent now, about `limit` bytes at most; empty: nothing. Asked again after every
  // wake and everything received.
  virtual std::string pull(size_t limit) = 0;
  // Bytes that came. A failure ends the pump.
  virtual Status receive(std::string_view bytes) = 0;
  // The last call: why there will be no more bytes.
  virtual void ended(const Status& why) = 0;
};

// Nothing is pulled while bytes wait for the carrier, so what a protocol has to say gathers where
// its own flow control sees it; reading never waits for writing.
// Thread rule: wake from any thread, the rest from one. The endpoint must outlive the pump.
class Pump {
 public:
  Pump(std::unique_ptr<Carrier> carrier, Endpoint& endpoint);
  ~Pump() { stop(); }
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;

  void start();
  // The endpoint has something to send. Cheap when said repeatedly.
  void wake();
  // Sends what can be sent without waiting, then ends the thread and closes the carrier.
  void stop();

 private:
  void run();
  Status turn();
  Status send();
  Status receive();

  std::unique_ptr<Carrier> carrier_;
  Endpoint& endpoint_;
  UniqueFd event_;  // eventfd(2)
  std::atomic<bool> woken_ = false;
  std::atomic<bool> stopping_ = false;
  std::string out_;  // pulled, of which the first sent_ bytes are gone
  size_t sent_ = 0;
  bool more_ = false;  // reading stopped before the carrier had nothing left
  std::unique_ptr<std::array<char, 64U << 10U>> buffer_;
  std::thread thread_;
};

}  // namespace ktl::solver
