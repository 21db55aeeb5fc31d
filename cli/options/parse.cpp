#include "cli/options/parse.h"

#include <boost/program_options.hpp>

#include "cli/options/value.h"

namespace ktl::cli {
namespace {

namespace po = boost::program_options;
namespace style = boost::program_options::command_line_style;

constexpr int kStyle = style::allow_long | style::long_allow_adjacent | style::long_allow_next |
                       style::allow_short | style::allow_dash_for_short |
                       style::short_allow_adjacent | style::short_allow_next | style::allow_sticky;

// Boost lets a flag whose value is optional take the next word. Here such a flag takes none, and
// "--oci=DIR" is handed to Boost as "--oci:with DIR", a flag that needs a value.
constexpr std::string_view kWith = ":with";

void describe(po::options_description& into, const std::string& name, const Option& option) {
  std::string names = option.letter == 0 ? name : name + "," + option.letter;
  if (option.value == Value::kRequired) {
    into.add_options()(names.c_str(), po::value<std::string>(), "");
    return;
  }
  into.add_options()(names.c_str(), "");
  into.add_options()((name + std::string(kWith)).c_str(), po::value<std::string>(), "");
}

po::options_description describe(const FlagSet& flags) {
  po::options_description into;
  into.add_options()("help,h", "");
  for (const Option& option : flags.options()) {
    describe(into, option.name, option);
    for (const std::string& alias : option.aliases) {
      Option other = option;
      other.letter = 0;
      describe(into, alias, other);
    }
  }
  return into;
}

const Option* by_letter(const FlagSet& flags, char letter) {
  for (const Option& option : flags.options()) {
    if (option.letter == letter) {
      return &option;
    }
  }
  return nullptr;
}

// The flag before "=" in "--name=value" or "-n=value", when the table has it.
const Option* before_equals(const FlagSet& flags, const std::string& arg, size_t equals) {
  if (equals == std::string::npos || arg[0] != '-') {
    return nullptr;
  }
  if (arg.starts_with("--")) {
    return flags.find(std::string_view(arg).substr(2, equals - 2));
  }
  return equals == 2 ? by_letter(flags, arg[1]) : nullptr;
}

// Every "--name=value" and "-n=value" as two words: Boost refuses empty values after "=", and reads
// "-t=app" as the value "=app" where docker users mean app.
std::vector<std::string> normalise(const FlagSet& flags, const std::vector<std::string>& args) {
  std::vector<std::string> words;
  bool open = true;
  for (const std::string& arg : args) {
    open = open && arg != "--";
    size_t equals = arg.find('=');
    const Option* option = open ? before_equals(flags, arg, equals) : nullptr;
    if (option == nullptr) {
      words.push_back(arg);
      continue;
    }
    words.push_back("--" + option->name +
                    (option->value == Value::kRequired ? "" : std::string(kWith)));
    words.push_back(arg.substr(equals + 1));
  }
  return words;
}

std::string spelled(const po::option& option) {
  return option.original_tokens.empty() ? "--" + option.string_key : option.original_tokens[0];
}

Status syntax_error(const FlagSet& flags, const po::error& error) {
  if (const auto* unknown = dynamic_cast<const po::unknown_option*>(&error)) {
    return flags.unknown(unknown->get_option_name());
  }
  const auto* syntax = dynamic_cast<const po::invalid_command_line_syntax*>(&error);
  if (syntax == nullptr) {
    return {Code::kInvalidArgument, error.what()};
  }
  std::string name = syntax->get_option_name();
  if (syntax->kind() == po::invalid_syntax::extra_parameter) {
    return {Code::kInvalidArgument, name + " takes no value"};
  }
  return {Code::kInvalidArgument, name + " needs a value"};
}

Status take(const FlagSet& flags, const po::option& option, Parsed& into) {
  if (option.string_key == "help") {
    into.help = true;
    return {};
  }
  bool given = !option.value.empty();
  std::string_view name = option.string_key;
  if (name.ends_with(kWith)) {
    name.remove_suffix(kWith.size());
  }
  const Option* known = flags.find(name);
  if (known == nullptr) {
    return flags.unknown(spelled(option));
  }
  if (!known->built) {
    return not_built(*known, "--" + known->name)
        .advise("this version of ktl cannot do that; `ktl build --help` lists what it can");
  }
  std::string value = given                          ? option.value[0]
                      : known->shape == Shape::kBool ? "true"
                                                     : known->implicit;
  KTL_TRY(check_value(*known, value, "flag"));
  into.flags.push_back({known, std::move(value)});
  return {};
}

Result<Parsed> parse(const FlagSet& flags, const std::vector<std::string>& args, bool strict) {
  if (args.size() > kMaxWords) {
    return Status(Code::kInvalidArgument, "too many words on the command line");
  }
  for (const std::string& arg : args) {
    KTL_TRY(check_utf8("an argument", arg));
  }
  Parsed parsed;
  try {
    po::options_description description = describe(flags);
    po::positional_options_description words;
    words.add("", -1);
    po::command_line_parser parser(normalise(flags, args));
    parser.options(description).style(kStyle);
    if (!strict) {
      parser.allow_unregistered();
    }
    for (const po::option& option : parser.run().options) {
      if (option.string_key.empty()) {
        for (const std::string& word : option.value) {
          KTL_TRY(check_word("an argument", word));
        }
        parsed.words.insert(parsed.words.end(), option.value.begin(), option.value.end());
      } else if (!option.unregistered) {
        KTL_TRY(take(flags, option, parsed));
      }
    }
  } catch (const po::error& error) {
    return syntax_error(flags, error);
  }
  return parsed;
}

}  // namespace

Result<Parsed> parse_flags(const FlagSet& flags, const std::vector<std::string>& args) {
  return parse(flags, args, true);
}

Result<Parsed> parse_known_flags(const FlagSet& flags, const std::vector<std::string>& args) {
  return parse(flags, args, false);
}

}  // namespace ktl::cli
