// The host services as they are asked for over the bridge: the field "method" of a call's head.
#pragma once

#include <cstddef>

namespace ktl::bridge {

//                                                 asked with      answered with
inline constexpr const char* kContentOpen = "content.open";      // digest        a descriptor
inline constexpr const char* kContentSize = "content.size";      // digest        size
inline constexpr const char* kContentCreate = "content.create";  //               a descriptor
inline constexpr const char* kContentCommit = "content.commit";  // digest, fd
inline constexpr const char* kAuth = "auth";  // registry      user: its size; body: user, secret
inline constexpr const char* kToken = "auth.token";  // registry, scopes  seconds; body: the token
inline constexpr const char* kSecret = "secret";     // id            body: the value
inline constexpr const char* kAgent = "agent";       // id            a descriptor
inline constexpr const char* kRedact = "redact";     // body: the value
inline constexpr const char* kFileOpen = "files.open";        // path          a descriptor
inline constexpr const char* kFileReplace = "files.replace";  // path; body: the bytes
inline constexpr const char* kPolicy = "policy";              // plugin; body: the question

inline constexpr const char* kBuilder = "builder";    // address, node  three descriptors
inline constexpr const char* kTerminal = "terminal";  // notice     two descriptors

inline constexpr size_t kMaxServiceText = 4096;  // of each text
inline constexpr size_t kMaxScopes = 64;

}  // namespace ktl::bridge
