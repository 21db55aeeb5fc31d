// The flags of the commands other than build.
#pragma once

#include <vector>

#include "cli/options/option.h"

namespace ktl::cli {

const std::vector<Option>& no_options();
const std::vector<Option>& json_options();    // version
const std::vector<Option>& plugin_options();  // plugin list, plugin show
const std::vector<Option>& plugin_check_options();
const std::vector<Option>& plugin_new_options();
const std::vector<Option>& config_show_options();
const std::vector<Option>& config_trust_options();
const std::vector<Option>& doctor_options();
const std::vector<Option>& login_options();
const std::vector<Option>& logout_options();
const std::vector<Option>& lock_own_options();  // those that build does not have
const std::vector<Option>& lock_options();      // and all others

}  // namespace ktl::cli
