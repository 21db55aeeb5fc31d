#include "jail/fence.h"

#include "jail/path.h"

namespace ktl::jail {
namespace {

Status refuse(std::string message, std::string next) {
  return Status(Code::kInvalidArgument, std::move(message)).advise(std::move(next));
}

Result<std::string> plain(std::string_view path, std::string_view what) {
  std::string tidy = tidy_path(path);
  if (!path.starts_with('/') || !is_plain_path(tidy)) {
    return refuse(std::string(what) + " \"" + std::string(path) + "\" is no absolute path",
                  "name it from / on, without \"..\"");
  }
  return tidy;
}

Result<Bind> to_bind(const json::value& document) {
  Bind bind;
  KTL_ASSIGN(bind.src, plain(text_of(document, "src"), "the source of a bind,"));
  KTL_ASSIGN(bind.dst, plain(text_of(document, "dst"), "the place of a bind,"));
  bind.rw = text_of(document, "mode") == "rw";
  bind.optional = bool_of(document, "optional");
  return bind;
}

Status check_context(const Fence& fence) {
  if (fence.context == "/") {
    return refuse(
        "the build context is /: behind a fence that shows all of this machine nothing "
        "is hidden",
        "build in a folder of its own");
  }
  if (fence.workdir == "/") {
    return refuse("the working folder inside cannot be /", "name another with --sandbox-workdir");
  }
  return {};
}

Status check_bind(const Fence& fence, const Bind& bind) {
  if (is_within(fence.workdir, bind.dst)) {
    return refuse("the bind " + bind.src + ":" + bind.dst + " would hide " + fence.workdir +
                      ", where the build context is seen",
                  "bind it beside or below " + fence.workdir);
  }
  return {};
}

}  // namespace

Result<Fence> to_fence(const json::object& document) {
  Fence fence;
  KTL_ASSIGN(fence.profile, plain(text_of(document, "profile"), "the policy"));
  KTL_ASSIGN(fence.workdir, plain(text_of(document, "workdir"), "the working folder"));
  fence.runtime = text_of(document, "runtime");
  fence.network = text_of(document, "network") != "none";
  if (const auto context = text_of(document, "context"); !context.empty()) {
    KTL_ASSIGN(fence.context, plain(context, "the build context"));
  }
  KTL_TRY(check_context(fence));
  const auto* binds = field_of(document, "binds");
  for (const auto& entry :
       binds != nullptr && binds->is_array() ? binds->as_array() : json::array()) {
    KTL_ASSIGN(Bind bind, to_bind(entry));
    KTL_TRY(check_bind(fence, bind));
    fence.binds.push_back(std::move(bind));
  }
  return fence;
}

}  // namespace ktl::jail
