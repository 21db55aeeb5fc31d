// index.json and oci-layout of an image layout: which images it holds and under which names.
// https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md#indexjson-file
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "oci/manifest.h"
#include "oci/reference.h"

namespace ktl::oci {

// Writes oci-layout and an empty index.json where they are missing.
Status make_layout_files(const std::filesystem::path& folder);

// The bytes of oci-layout.
std::string_view layout_file_text();

// kNotFound when `folder` is no image layout (no oci-layout of version 1.x.y).
Result<Index> read_index_file(const std::filesystem::path& folder);

// Reads index.json, lets `change` edit it and replaces the file in one step, alone among all ktl
// processes (flock on the folder, waits). Nothing is written when `change` fails or changes
// nothing.
Status update_index_file(const std::filesystem::path& folder,
                         const std::function<Status(Index&)>& change);

// How an entry of index.json says its name. kFull: the ref.name is the whole normalised name (ktl's
// store, where many repositories live side by side); kTag: it is the tag only, as buildx writes it
// into --output type=oci. Both carry the full name for containerd and docker.
enum class NameStyle { kFull, kTag };
Descriptor named(Descriptor root, const Reference& name, NameStyle style);

// The name of an entry: containerd's full name, else the ref.name; "" when it has none.
std::string entry_name(const Descriptor& entry);

// The entry that `name` means, nullptr when there is none.
const Descriptor* find_entry(const Index& index, const Reference& name);

// Puts `entry` in, in place of what had the same name (an entry without a name replaces the one
// without a name). True when something changed.
bool put_entry(Index& index, const Descriptor& entry);

}  // namespace ktl::oci
