// A rule's samples: texts without anything that looks like a secret, made into texts that do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "secrets/rules.h"

namespace ktl::secrets {

// "ghp_{alnum:36}" with random characters of that kind and number instead of the braces: alnum,
// lower (letters and digits), upper (letters and digits), alpha, hex, HEX, digit, base64,
// base64url. The same `seed` gives the same text. Other braces stay.
std::string sample_text(std::string_view sample, uint64_t seed);

// Judges the samples of a --secrets-config file by the rules it makes: a line for each positive
// that its rule does not find and each negative that it finds, "file:line:col: ...". `judged` is
// raised by the number of samples.
Result<std::vector<std::string>> failing_samples(std::string_view config, std::string_view file,
                                                 size_t& judged);

}  // namespace ktl::secrets
