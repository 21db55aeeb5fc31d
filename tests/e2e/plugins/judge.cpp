#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <ktl/plugin.hpp>
#include <string>

namespace {

// Whoever loads this file runs this code: the file that the variable names is the proof.
[[gnu::constructor]] void sing() {
  const char* canary = std::getenv("E2E_CANARY");
  if (canary != nullptr) {
    ::close(::open(canary, O_CREAT | O_WRONLY, 0600));
  }
}

constexpr int kSlowMs = 60'000;

std::string finding(const std::string& severity) {
  return R"({"schema":"ktl.findings/1","findings":[{"rule":"e2e-rule","severity":")" + severity +
         R"(","message":"the judge has spoken","location":"Dockerfile:1","fix":"ask another"}]})";
}

class Judge : public ktl::Scanner {
 public:
  Judge(ktl::Call&, std::string_view config) : config_(config) {}

  std::string scan(ktl::Call& call, std::string_view) override {
    if (is("fail")) {
      throw ktl::Error(KTL_INTERNAL, "the judge is not well", "come back tomorrow");
    }
    if (is("slow")) {
      call.log(KTL_INFO, "the judge thinks");
      pollfd cancel{call.cancel_fd(), POLLIN, 0};
      ::poll(&cancel, 1, kSlowMs);
      throw ktl::Error(KTL_CANCELLED, "the judge was sent home");
    }
    if (is("nonsense")) {
      return R"({"schema":"ktl.findings/1","findings":"none"})";
    }
    if (is("pass")) {
      return R"({"schema":"ktl.findings/1","findings":[]})";
    }
    return finding(is("block") ? "block" : "warn");
  }

 private:
  bool is(const std::string& end) const {
    return config_.find('"' + end + '"') != std::string::npos;
  }

  std::string config_;
};

}  // namespace

KTL_PLUGIN(Judge)
