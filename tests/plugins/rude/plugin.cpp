// Breaks the contract in one way for each command, straight on the C boundary.
#include <ktl/iface/command.h>

#include <stdexcept>
#include <string>
#include <string_view>

struct ktl_instance {
  const ktl_host* host;
};

namespace {

ktl_str str(std::string_view text) { return {text.data(), text.size()}; }

ktl_status run(ktl_instance* self, ktl_call* call, ktl_str document) {
  std::string_view command(document.data, document.size);
  auto asked = [&](std::string_view name) { return command.find(name) != std::string_view::npos; };
  if (asked("\"silent\"")) {
    return KTL_ABORTED;
  }
  if (asked("\"escape\"")) {
    throw std::runtime_error("out of the plugin");
  }
  if (asked("\"fail-and-ok\"")) {
    self->host->fail(call, KTL_NOT_FOUND, str("nothing there"), str("look elsewhere"));
    return KTL_OK;
  }
  if (asked("\"number\"")) {
    return self->host->fail(call, 99, str("\xFFno such code"), str(""));
  }
  if (asked("\"flood\"")) {
    std::string mebibyte(1U << 20U, ' ');
    for (int i = 0; i < 65; ++i) {
      self->host->write(call, str(mebibyte));
    }
    return KTL_OK;
  }
  if (asked("\"event\"")) {
    self->host->emit(call, str("no version"), str("{}"));
    return KTL_OK;
  }
  self->host->write(call, str(asked("\"not-json\"") ? "{" : "{\"exit\": 0}"));
  return KTL_OK;
}

const ktl_command_v1 kCommand = {&run};
const ktl_interface kInterfaces[] = {{KTL_COMMAND_ID, &kCommand}, {nullptr, nullptr}};

ktl_status create(const ktl_host* host, ktl_call*, ktl_str config, ktl_instance** out) {
  bool nothing = std::string_view(config.data, config.size).find("true") != std::string_view::npos;
  *out = nothing ? nullptr : new ktl_instance{host};
  return KTL_OK;
}

void destroy(ktl_instance* self) { delete self; }

}  // namespace

extern "C" {
KTL_PLUGIN_EXPORT extern const ktl_plugin_draft ktl_plugin_draft_entry;
const ktl_plugin_draft ktl_plugin_draft_entry = {ktl_headers_sha256, kInterfaces, &create,
                                                 &destroy};
}
