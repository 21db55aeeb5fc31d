// Returns one finding for every build, of the configured severity.
#include <ktl/plugin.hpp>

namespace {

// The text of a member of a flat JSON object without escapes, as the host writes this config.
std::string member(std::string_view object, std::string_view name) {
  std::string start = "\"" + std::string(name) + "\":\"";
  auto at = object.find(start) + start.size();
  return std::string(object.substr(at, object.find('"', at) - at));
}

class BlockScan : public ktl::Scanner {
 public:
  BlockScan(ktl::Call& call, std::string_view config)
      : severity_(member(config, "severity")), message_(member(config, "message")) {
    call.log(KTL_DEBUG, "created with " + std::string(config));
  }

  std::string scan(ktl::Call& call, std::string_view solved) override {
    call.emit("finding/1", finding());
    call.log(KTL_INFO, "read " + std::to_string(solved.size()) + " bytes");
    return R"({"schema":"ktl.findings/1","findings":[)" + finding() + "]}";
  }

 private:
  [[nodiscard]] std::string finding() const {
    return R"({"rule":"test-block","severity":")" + severity_ + R"(","message":")" + message_ +
           R"(","location":"","fix":""})";
  }

  std::string severity_;
  std::string message_;
};

}  // namespace

KTL_PLUGIN(BlockScan)
