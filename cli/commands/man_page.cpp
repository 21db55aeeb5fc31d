#include "cli/commands/man_page.h"

#include <fmt/format.h>

#include <utility>

#include "cli/commands/command.h"
#include "cli/commands/help_text.h"
#include "core/pipeline/exit_code.h"

namespace ktl::cli {
namespace {

constexpr std::pair<int, std::string_view> kExits[] = {
    {kExitDone, "done"},
    {kExitBuild, "the build failed: a step, or what the Dockerfile says"},
    {kExitUsage, "usage or configuration, a missing context or Dockerfile"},
    {kExitRefused, "a policy or another gate refused, or could not be evaluated"},
    {kExitSecrets, "secrets were found, and they block"},
    {kExitIsolation, "the sandbox or a demanded isolation is missing"},
    {kExitBuilder, "the builder cannot be reached or lacks a needed feature"},
    {kExitExport, "a result, its evidence or the log file could not be written"},
    {kExitPlugin, "a plugin failed"},
    {kExitVerify, "a verification failed"},
    {kExitInterrupt, "interrupted (SIGINT)"},
    {kExitTerminate, "ended (SIGTERM, SIGHUP)"},
};

constexpr std::pair<std::string_view, std::string_view> kVariables[] = {
    {"KTL_FLAG",
     "the value of the flag --flag of ktl build, dashes as underscores; the command line "
     "wins. TORQUE_FLAG is another name of it"},
    {"BUILDKIT_HOST", "the builder of --builder auto"},
    {"DOCKER_CONFIG", "the folder of config.json, with the credentials of registries"},
    {"NO_COLOR", "not empty: no colours"},
    {"LC_ALL, LC_CTYPE, LANG", "a UTF-8 locale makes the live view use signs beyond ASCII"},
};

constexpr std::pair<std::string_view, std::string_view> kExamples[] = {
    {"ktl build .", "build the Dockerfile of this folder; the result stays in the builder's cache"},
    {"ktl build -t app:dev .", "keep the image in ktl's own store"},
    {"ktl build --progress plain --logfile build.log .",
     "show lines instead of a live view, and "
     "keep them"},
};

// Text as roff reads it: no escapes, no line that looks like a request.
std::string roff(std::string_view text) {
  std::string out;
  for (char c : text) {
    out += c == '\\' ? "\\e" : c == '-' ? "\\-" : c == '\n' ? " " : std::string(1, c);
  }
  bool request = out.starts_with('.') || out.starts_with('\'');
  return (request ? "\\&" : "") + out;
}

void entry(std::string_view term, std::string_view text, std::string& out) {
  out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(term), roff(text));
}

std::string trimmed(const std::string& text) {
  return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

void add_commands(const std::vector<PluginCommand>& contributed, std::string& out) {
  out += ".SH COMMANDS\n";
  for (const Command& command : commands()) {
    if (command.run != nullptr && !command.hidden) {
      std::string operands = command.operands.empty() ? "" : " " + command.operands;
      entry("ktl " + command.name + operands, command.summary, out);
    }
  }
  for (const PluginCommand& command : contributed) {
    entry("ktl " + command.name, command.summary, out);
  }
}

void add_flags(const FlagSet& build, std::string& out) {
  out += ".SH FLAGS OF KTL BUILD\n";
  for (const std::string& group : groups_of(build)) {
    out += ".SS " + roff(group) + "\n";
    for (const Option& option : build.options()) {
      if (option.built && option.group == group) {
        entry(trimmed(usage_of(option)), about(option), out);
      }
    }
  }
}

}  // namespace

std::string man_page(const FlagSet& build, const std::vector<PluginCommand>& contributed) {
  std::string out = ".TH KTL 1 \"\" \"ktl " KTL_VERSION
                    "\" \"User Commands\"\n"
                    ".SH NAME\n"
                    "ktl \\- build images with BuildKit and prove what happened\n"
                    ".SH SYNOPSIS\n"
                    ".B ktl build\n[\\fIFLAG\\fR ...] \\fICONTEXT\\fR\n.br\n"
                    ".B ktl\n\\fICOMMAND\\fR [\\fIWORD\\fR ...]\n"
                    ".SH DESCRIPTION\n"
                    "A build runs on a BuildKit daemon: one that is named, or one that ktl starts\n"
                    "for this user. Nothing of it becomes visible before every gate has let it\n"
                    "pass. Results go to the standard output, everything else to the standard\n"
                    "error.\n";
  add_commands(contributed, out);
  add_flags(build, out);
  out += ".SH ENVIRONMENT\n";
  for (const auto& [name, text] : kVariables) {
    entry(name, text, out);
  }
  out += ".SH EXIT STATUS\n";
  for (const auto& [code, text] : kExits) {
    entry(std::to_string(code), text, out);
  }
  out += ".SH FILES\n";
  entry("ktl.yaml", "the project file, looked for upward from the working directory", out);
  out += ".SH EXAMPLES\n";
  for (const auto& [command, text] : kExamples) {
    entry(command, text, out);
  }
  return out + ".SH SEE ALSO\n.BR buildctl (1),\n.BR docker\\-build (1)\n";
}

}  // namespace ktl::cli
