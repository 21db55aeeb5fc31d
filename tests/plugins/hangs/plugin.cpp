// A scan that never ends by itself.
#include <ktl/plugin.hpp>

#include <poll.h>

#include <chrono>
#include <thread>

namespace {

class Hangs : public ktl::Scanner {
 public:
  Hangs(ktl::Call&, std::string_view config)
      : obey_(config.find("\"obey\":true") != std::string_view::npos) {}

  std::string scan(ktl::Call& call, std::string_view) override {
    while (!obey_) {
      std::this_thread::sleep_for(std::chrono::hours(1));
    }
    pollfd stop{call.cancel_fd(), POLLIN, 0};
    poll(&stop, 1, -1);
    throw ktl::Error(KTL_CANCELLED, call.cancelled() ? "told to stop" : "woken for nothing");
  }

 private:
  bool obey_;
};

}  // namespace

KTL_PLUGIN(Hangs)
