// Paths as text: where a mount lies relative to another, without a look at the disk.
#pragma once

#include <string>
#include <string_view>

namespace ktl::jail {

// Absolute, each piece a name: no ".", "..", empty pieces; "/" itself is.
bool is_plain_path(std::string_view path);

// "//a///b/" as "/a/b"; "." pieces go, ".." stay (and is_plain_path() says no).
std::string tidy_path(std::string_view path);

// Whether `path` is `folder` or lies below it; both plain.
bool is_within(std::string_view path, std::string_view folder);

// What of `path` comes after `folder`, without a slash in front; `path` is within it.
std::string_view below(std::string_view path, std::string_view folder);

// `folder` and `name` with one slash between them; `folder` itself when `name` is empty.
std::string join_path(std::string_view folder, std::string_view name);

}  // namespace ktl::jail
