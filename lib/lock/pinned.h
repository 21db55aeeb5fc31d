// Whether a source can only be one content: what --hermetic asks of every source.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace ktl::lock {

// A whole commit in hexadecimal, SHA-1 or SHA-256: an abbreviation may come to mean another one.
bool is_commit(std::string_view text);

// Of an image reference, by its digest.
bool is_pinned_image(std::string_view ref);

// Of a file, by ADD --checksum: "sha256:<hex>", "sha384:<hex>" or "sha512:<hex>".
bool is_pinned_file(std::string_view checksum);

// The whole commit that the builder holds a git source to, "host/repository#COMMIT[:FOLDER]" or a
// `checksum`; empty: none. A view of one of both. Of a query the builder takes no notice by then:
// its frontend has turned it into the rest.
std::string_view pinned_commit(std::string_view identifier, std::string_view checksum);

// Of a git repository as Dockerfiles write it: "...#COMMIT[:FOLDER]" with a whole commit in
// hexadecimal, "?ref=" or "?commit=" with one, or a whole commit as `checksum`.
bool is_pinned_git(std::string_view ref, std::string_view checksum);

// A source as the builder names it when it wants it: "docker-image://...", "https://...",
// "git://...", "local://..." and its siblings, with the attributes by which it holds it to
// something. Ok: it is one content, or a folder that this build shares. kPermissionDenied: it is
// not, with what would pin it; kUnimplemented: nobody here knows such sources.
Status check_pinned(std::string_view identifier, std::string_view http_checksum,
                    std::string_view git_checksum);

}  // namespace ktl::lock
