#include "jail/wrap.h"

#include <algorithm>
#include <cstdlib>

#include "base/base64.h"

namespace ktl::jail {
namespace {

Status check_command(const Wrap& wrap) {
  if (wrap.argv.empty() || !wrap.argv.front().starts_with('/')) {
    return {Code::kInvalidArgument, "the command behind a fence has to be an absolute path"};
  }
  for (const auto& [name, value] : wrap.env) {
    if (name.empty() || name.find('=') != std::string::npos) {
      return {Code::kInvalidArgument, "\"" + name + "\" is no name of a variable"};
    }
  }
  return {};
}

}  // namespace

Result<Wrap> to_wrap(const json::object& document) {
  Wrap wrap;
  const auto* fence = field_of(document, "fence");
  if (fence == nullptr || !fence->is_object()) {
    return Status(Code::kInvalidArgument, "a wrap without a fence");
  }
  KTL_ASSIGN(wrap.fence, to_fence(fence->as_object()));
  wrap.argv = texts_of(document, "argv");
  if (const auto* env = field_of(document, "env"); env != nullptr && env->is_object()) {
    for (const auto& variable : env->as_object()) {
      wrap.env[std::string(variable.key())] =
          std::string(text_of(env->as_object(), variable.key()));
    }
  }
  if (const auto* fds = field_of(document, "keep_fds"); fds != nullptr && fds->is_array()) {
    for (const auto& fd : fds->as_array()) {
      wrap.keep_fds.push_back(fd.is_int64() ? static_cast<int>(fd.as_int64()) : -1);
    }
  }
  wrap.log_fd = static_cast<int>(int_of(document, "log_fd", -1));
  KTL_TRY(check_command(wrap));
  return wrap;
}

int Wrapped::take_number() {
  int fd = 3;
  while (std::ranges::find(taken_, fd) != taken_.end()) {
    ++fd;
  }
  taken_.push_back(fd);
  return fd;
}

int Wrapped::add_file(const std::string& text) {
  const int fd = take_number();
  files_.push_back({{"fd", fd}, {"text", text}});
  return fd;
}

int Wrapped::add_bytes(std::string_view bytes) {
  const int fd = take_number();
  files_.push_back({{"fd", fd}, {"base64", base64_encode(bytes)}});
  return fd;
}

Status Wrapped::check() const {
  constexpr size_t kMost = 1U << 20U;
  for (const auto& file : files_) {
    if (text_of(file, "text").size() > kMost) {
      return Status(Code::kResourceExhausted,
                    "the fence has too many mounts: what the runtime has "
                    "to be told is longer than 1 MiB")
          .advise("make the folder of a bind below the context first, or bind it elsewhere");
    }
  }
  return {};
}

json::object Wrapped::document() const {
  const char* path = ::getenv("PATH");  // NOLINT(concurrency-mt-unsafe)
  const json::object env{{"PATH", path == nullptr ? "/usr/bin:/bin" : path}, {"NO_COLOR", "1"}};
  return {{"schema", "ktl.wrapped/1"},
          {"argv", json::value_from(argv_)},
          {"env", env},
          {"files", files_}};
}

}  // namespace ktl::jail
