// How the private builder's daemon reaches registries: the project's rules in its own words.
#pragma once

#include <string>
#include <vector>

#include "builders/address.h"
#include "oci/registry_rule.h"

namespace ktl::builder {

// The tables [registry."HOST"] of buildkitd.toml; empty without rules.
std::string registry_tables(const std::vector<oci::RegistryRule>& rules);

// The daemon's variables for the rules' proxy, "NAME=value". None where the user's environment has
// a proxy: that one may have credentials, and goes before.
std::vector<std::string> proxy_variables(const std::vector<oci::RegistryRule>& rules,
                                         const Getenv& getenv);

// What of the rules a builder that is not ktl's own will not do for images from `domains`, one line
// a rule.
std::vector<std::string> rules_out_of_reach(const std::vector<oci::RegistryRule>& rules,
                                            const std::vector<std::string>& domains,
                                            const std::string& builder);

}  // namespace ktl::builder
