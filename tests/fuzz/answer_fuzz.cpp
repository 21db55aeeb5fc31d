// What a frontend, which may be a stranger's image, answers to --call.
#include "cli/render/answer.h"

#include "base/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text = ktl::valid_utf8({reinterpret_cast<const char*>(data), size});
  const ktl::json::object metadata{
      {"result.json", text}, {"result.txt", text}, {"result.statuscode", text.substr(0, 3)}};
  for (const char* method : {"lint", "outline"}) {
    for (const bool json : {false, true}) {
      const ktl::Call call{.method = method, .json = json};
      if (ktl::cli::answer_text(call, metadata).find('\x1b') != std::string::npos) {
        __builtin_trap();
      }
      static_cast<void>(ktl::cli::fault_in_answer(call, metadata));
      static_cast<void>(ktl::cli::answer_exit(call, metadata));
    }
  }
  return 0;
}
