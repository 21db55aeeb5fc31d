// @ID@: tells of every build that it looked at it.
#include <ktl/plugin.hpp>

namespace {

class Plugin : public ktl::Scanner {
 public:
  // `config` is valid by schema.json, defaults filled in: {"severity":"info"}. A real plugin reads
  // it with a JSON library of its choice, linked statically.
  Plugin(ktl::Call&, std::string_view config) {
    for (const char* word : {"warn", "block"}) {
      if (config.find("\"" + std::string(word) + "\"") != std::string_view::npos) {
        severity_ = word;
      }
    }
  }

  // `solved` is a ktl.solved/1 document; throw ktl::Error(code, message, next) to fail.
  std::string scan(ktl::Call& call, std::string_view) override {
    if (call.cancelled()) {
      throw ktl::Error(KTL_CANCELLED, "told to stop");
    }
    return R"({"schema":"ktl.findings/1","findings":[{"rule":"@NAME@","severity":")" + severity_ +
           R"(","message":"@ID@ looked at the result"}]})";
  }

 private:
  std::string severity_ = "info";
};

}  // namespace

KTL_PLUGIN(Plugin)
