// `ktl login` and `ktl logout`: credentials of registries in docker's files or helpers.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/fd.h"
#include "cli/commands/command.h"
#include "cli/ground.h"
#include "cli/interrupts.h"
#include "cli/options/common_options.h"
#include "cli/options/flag_set.h"
#include "cli/options/parse.h"
#include "cli/options/value.h"
#include "cli/request/convert.h"
#include "core/pipeline/exit_code.h"
#include "oci/auth_file.h"
#include "oci/reference.h"
#include "oci/registry/login.h"
#include "oci/registry/routed.h"

namespace ktl::cli {
namespace {

constexpr size_t kMaxSecret = 64U << 10U;

struct Wish {
  Settings settings;
  std::string registry;
  std::filesystem::path file;
};

// "https://ghcr.io/v2/" and "ghcr.io" are the same registry; it is kept under its host.
Result<std::string> registry_of(std::string text) {
  for (std::string_view scheme : {"https://", "http://"}) {
    text.erase(0, text.starts_with(scheme) ? scheme.size() : 0);
  }
  text = text.substr(0, text.find('/'));
  if (text == "index.docker.io" || text == "registry-1.docker.io") {
    text = "docker.io";
  }
  auto name = oci::parse_reference(text + "/login");
  return name.ok() && name->domain == text
             ? Result<std::string>(text)
             : Status(Code::kInvalidArgument, "\"" + text + "\" is no registry's name")
                   .advise("write HOST or HOST:PORT");
}

Result<Wish> read_wish(const Invocation& invocation, const std::vector<Option>& options) {
  FlagSet flags(options);
  KTL_ASSIGN(Parsed parsed, parse_flags(flags, invocation.args));
  if (parsed.words.size() > 1) {
    return Status(Code::kInvalidArgument, "one registry at a time");
  }
  Wish wish;
  KTL_ASSIGN(wish.settings, gather(flags, parsed, invocation.environment, {}));
  KTL_ASSIGN(wish.registry, registry_of(parsed.words.empty() ? "docker.io" : parsed.words[0]));
  const std::string file = word_of(wish.settings, "authfile");
  if (file.empty()) {
    KTL_ASSIGN(wish.file, oci::default_auth_file());
  } else {
    wish.file = absolute(invocation.directory, file);
  }
  return wish;
}

void strip_newline(std::string& text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
    text.pop_back();
  }
}

// One line typed on the terminal; without `echo` it is not shown, and the terminal is put back
// whatever happens.
Result<std::string> ask(const std::string& prompt, bool echo) {
  Result<UniqueFd> terminal = open_file("/dev/tty", O_RDWR | O_NOCTTY);
  if (!terminal.ok()) {
    return Status(Code::kInvalidArgument, "there is no terminal to ask on")
        .advise("give --username and send the password: ... | ktl login --password-stdin");
  }
  const int fd = terminal->get();
  termios before{};
  KTL_TRY(write_all(fd, prompt));
  const bool hidden = !echo && ::tcgetattr(fd, &before) == 0;
  if (hidden) {
    termios quiet = before;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(fd, TCSAFLUSH, &quiet);
  }
  std::string line;
  char byte = 0;
  while (line.size() < kMaxSecret && ::read(fd, &byte, 1) == 1 && byte != '\n') {
    line += byte;
  }
  if (hidden) {
    ::tcsetattr(fd, TCSAFLUSH, &before);
    static_cast<void>(write_all(fd, "\n").ok());
  }
  strip_newline(line);
  return line.empty() ? Status(Code::kInvalidArgument, "nothing was typed")
                      : Result<std::string>(std::move(line));
}

Result<oci::Credentials> read_credentials(const Settings& settings, const std::string& registry) {
  if (settings.contains("password")) {
    return Status(Code::kInvalidArgument,
                  "--password is not taken: other users of this machine can read command lines")
        .advise("send it: ... | ktl login --username USER --password-stdin");
  }
  std::string user = word_of(settings, "username");
  const bool piped = flag_of(settings, "password-stdin");
  if (user.empty() && piped) {
    return Status(Code::kInvalidArgument, "--password-stdin needs --username")
        .advise("add --username USER");
  }
  if (user.empty()) {
    KTL_ASSIGN(user, ask("User at " + registry + ": ", true));
  }
  KTL_TRY(check_word("--username", user));
  if (user.find(':') != std::string::npos) {
    return Status(Code::kInvalidArgument, "a user's name cannot hold a colon");
  }
  std::string password;
  if (piped) {
    KTL_ASSIGN(password, read_all(STDIN_FILENO, kMaxSecret));
    strip_newline(password);
  } else {
    KTL_ASSIGN(password, ask("Password: ", false));
  }
  if (password.empty()) {
    return Status(Code::kInvalidArgument, "the password is empty");
  }
  return oci::Credentials(std::move(user), std::move(password));
}

// On the way that ktl.yaml and the user's configuration say.
Result<oci::LoginAnswer> try_it(const Invocation& invocation, const Wish& wish,
                                const oci::Credentials& credentials, int cancel_fd) {
  KTL_ASSIGN(const Ground ground, find_ground(invocation, {}));
  const std::vector<oci::RegistryRule> rules = registries_of(ground);
  const oci::RegistryRule* rule = oci::rule_for(rules, wish.registry);
  const bool tls = rule != nullptr && rule->wants_tls();
  const bool plain = flag_of(wish.settings, "plain-http") || (rule != nullptr && rule->http) ||
                     (!tls && oci::is_loopback_registry(wish.registry));
  http::Client client(cancel_fd);
  oci::RoutedTransport routed(client, rules);
  return oci::try_login(routed, wish.registry, plain, credentials);
}

Status login(const Invocation& invocation, int cancel_fd) {
  KTL_ASSIGN(const Wish wish, read_wish(invocation, login_options()));
  KTL_ASSIGN(const oci::Credentials credentials, read_credentials(wish.settings, wish.registry));
  KTL_ASSIGN(const oci::LoginAnswer answer, try_it(invocation, wish, credentials, cancel_fd));
  KTL_ASSIGN(const oci::Kept kept, oci::keep_credentials(wish.file, wish.registry, credentials));
  if (answer == oci::LoginAnswer::kOpen) {
    invocation.console.err("warning: " + wish.registry +
                           " asks nobody to log in, so the password could not be checked\n");
  }
  invocation.console.out("credentials for " + wish.registry + " are kept " +
                         (kept.helper.empty() ? "in " + wish.file.string() + " (not encrypted)"
                                              : "by " + kept.helper) +
                         "\n");
  return {};
}

Status logout(const Invocation& invocation) {
  KTL_ASSIGN(const Wish wish, read_wish(invocation, logout_options()));
  KTL_ASSIGN(const bool found, oci::forget_credentials(wish.file, wish.registry));
  invocation.console.out(found ? "credentials for " + wish.registry + " are forgotten\n"
                               : "there were no credentials for " + wish.registry + " in " +
                                     wish.file.string() + "\n");
  return {};
}

// What the registry refuses is a login that failed; what cannot be reached or written is said so.
int exit_of(const Status& status, const CancelToken& cancel) {
  if (cancel.cancelled()) {
    return exit_of_signal(cancel.reason());
  }
  switch (status.code()) {
    case Code::kInvalidArgument:
      return kExitUsage;
    case Code::kUnauthenticated:
      return kExitBuild;
    default:
      return kExitExport;
  }
}

}  // namespace

int run_login(const Invocation& invocation) {
  Interrupts interrupts(invocation.console);
  Status status = login(invocation, interrupts.token().fd());
  return status.ok() ? 0 : fail(invocation.console, status, exit_of(status, interrupts.token()));
}

int run_logout(const Invocation& invocation) {
  Interrupts interrupts(invocation.console);
  Status status = logout(invocation);
  return status.ok() ? 0 : fail(invocation.console, status, exit_of(status, interrupts.token()));
}

}  // namespace ktl::cli
