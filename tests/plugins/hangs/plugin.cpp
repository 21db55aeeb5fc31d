// A scan that never ends by itself.
#include <ktl/plugin.hpp>

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

namespace {

class Hangs : public ktl::Scanner {
 public:
  Hangs(ktl::Call&, std::string_view config)
      : obey_(config.find("\"obey\":true") != std::string_view::npos) {
    constexpr std::string_view kUntil = "\"until\":\"";
    if (auto at = config.find(kUntil); at != std::string_view::npos) {
      config.remove_prefix(at + kUntil.size());
      until_ = config.substr(0, config.find('"'));
    }
  }

  std::string scan(ktl::Call& call, std::string_view) override {
    while (!obey_) {
      std::this_thread::sleep_for(std::chrono::hours(1));
    }
    pollfd stop{call.cancel_fd(), POLLIN, 0};
    while (poll(&stop, 1, until_.empty() ? -1 : 20) == 0) {
      if (access(until_.c_str(), F_OK) == 0) {
        return R"({"schema":"ktl.findings/1","findings":[]})";
      }
    }
    throw ktl::Error(KTL_CANCELLED, call.cancelled() ? "told to stop" : "woken for nothing");
  }

 private:
  bool obey_;
  std::string until_;  // a file that ends it
};

}  // namespace

KTL_PLUGIN(Hangs)
