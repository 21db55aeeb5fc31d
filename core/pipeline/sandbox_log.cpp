#include "core/pipeline/sandbox_log.h"

#include <fcntl.h>

#include "core/document/fields.h"

namespace ktl {

void SandboxLog::open() {
  tried_ = true;
  std::error_code error;
  std::filesystem::create_directories(file_.parent_path(), error);
  auto fd = open_file(file_, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
  if (fd.ok()) {
    fd_ = *std::move(fd);
  } else {
    bus_.publish("message/1",
                 {{"level", "warn"},
                  {"plugin", ""},
                  {"text", "the sandbox's log is not kept: " + fd.status().to_string()}});
  }
}

void SandboxLog::note(json::object body) {
  if (!tried_) {
    open();
  }
  const json::value clean = bus_.redactor().clean(json::value(body));
  const std::string line(text_of(clean, "text"));
  if (fd_.valid() && !write_all(fd_.get(), line + "\n").ok()) {
    fd_.reset();
  }
  bus_.publish("sandbox.log/1", std::move(body));
  if (show_) {
    bus_.publish("message/1", {{"level", "info"}, {"plugin", ""}, {"text", "[sandbox] " + line}});
  }
}

}  // namespace ktl
