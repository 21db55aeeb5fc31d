#include "cli/options/build_options.h"

#include <string_view>

namespace ktl::cli {
namespace {

constexpr Value kNone = Value::kNone;
constexpr Value kRequired = Value::kRequired;

// name, letter, value, shape, group, operand, help, field, choices
std::vector<Option> own() {
  return {
      {"file", 'f', kRequired, Shape::kPath, "input", "FILE", "the Dockerfile [CONTEXT/Dockerfile]",
       "file"},
      {"build-arg", 0, kRequired, Shape::kArgs, "input", "K[=V]",
       "a build argument; K alone takes its value from the environment", "build_args"},
      {"target", 0, kRequired, Shape::kText, "input", "STAGE", "build up to this stage", "target"},
      {"platform", 0, kRequired, Shape::kWords, "input", "OS/ARCH,...", "platforms to build for",
       "platforms"},
      {"secret", 0, kRequired, Shape::kSecrets, "input", "NAME|id=,src=,env=,type=",
       "a secret for RUN --mount=type=secret, from the environment or a file", "secrets"},
      {"ssh", 0, kRequired, Shape::kSsh, "input", "default|ID=PATH[,PATH]",
       "an ssh agent or keys for RUN --mount=type=ssh", "ssh"},
      {"label", 0, kRequired, Shape::kLabels, "input", "K=V", "a label of the image", "labels"},
      {"network",
       0,
       kRequired,
       Shape::kText,
       "input",
       "MODE",
       "network of RUN steps",
       "network",
       {"default", "none", "host"}},
      {"build-context", 0, kRequired, Shape::kContexts, "input", "NAME=FOLDER|docker-image://|URL",
       "a further context, for FROM NAME and COPY --from=NAME", "build_contexts"},
      {"annotation", 0, kRequired, Shape::kAnnotations, "input", "[LEVEL:]K=V",
       "an annotation of the image; LEVEL is manifest, index, ... [manifest]", "annotations"},
      {"add-host", 0, kRequired, Shape::kHosts, "input", "HOST:IP",
       "a line in /etc/hosts of RUN steps", "add_hosts"},
      {"ulimit", 0, kRequired, Shape::kUlimits, "input", "NAME=SOFT[:HARD]",
       "a limit of RUN steps' processes", "ulimits"},
      {"shm-size", 0, kRequired, Shape::kBytes, "input", "SIZE", "size of /dev/shm in RUN steps",
       "shm_size"},
      {"cgroup-parent", 0, kRequired, Shape::kText, "input", "CGROUP",
       "the control group under which RUN steps run", "cgroup_parent"},
      {"resource", 0, kRequired, Shape::kResources, "input", "memory=2g|cpu-quota=50000|...",
       "a resource limit of RUN steps", "resources"},
      {"allow", 0, kRequired, Shape::kWords, "input", "network.host|security.insecure|device",
       "what RUN steps may ask the builder for", "allow"},
      {"no-cache-filter", 0, kRequired, Shape::kWords, "input", "STAGE,...",
       "run the steps of these stages again", "no_cache_filter"},
      {"pull", 0, kNone, Shape::kBool, "input", "", "look for newer base images", "pull"},
      {"no-cache", 0, kNone, Shape::kBool, "input", "", "run every step again", "no_cache"},
      {"call", 0, kRequired, Shape::kCall, "input", "METHOD[,format=json]",
       "ask the Dockerfile's frontend instead of building: check, outline, targets", "call"},
      {"check", 0, kNone, Shape::kBool, "input", "", "the same as --call=check", ""},
      {"project", 0, kRequired, Shape::kPath, "project", "FILE", "the project file [ktl.yaml]",
       "project"},
      {"plugin-dir", 0, kRequired, Shape::kWords, "project", "DIR",
       "a further folder of plugins; may be repeated", ""},
      {"profile", 0, kRequired, Shape::kText, "project", "NAME",
       "a named set of flags: dev, ci, secure, remote, or one of ktl.yaml", "profile"},
      {"set", 0, kRequired, Shape::kList, "project", "TARGET.KEY=VALUE",
       "change a target of ktl.yaml for this run; may be repeated", ""},
      {"print",
       0,
       Value::kOptional,
       Shape::kText,
       "project",
       "DOCUMENT",
       "print what would be built as JSON, and stop [request]",
       "",
       {"request", "plan", "isolation"},
       {},
       "request"},
      {"tag", 't', kRequired, Shape::kWords, "result", "NAME[:TAG],...",
       "name of the image; keeps it in ktl's own store", "tags"},
      {"iidfile", 0, kRequired, Shape::kPath, "result", "FILE", "write the image digest to FILE",
       "iidfile"},
      {"metadata-file", 0, kRequired, Shape::kPath, "result", "FILE",
       "write the build's metadata as JSON to FILE", "metadata_file"},
      {"quiet", 'q', kNone, Shape::kBool, "result", "", "print the image digest and nothing else",
       "quiet"},
      {"progress",
       0,
       kRequired,
       Shape::kText,
       "display",
       "MODE",
       "how progress is shown",
       "progress",
       {"auto", "tty", "plain", "quiet", "rawjson"}},
      {"output", 'o', kRequired, Shape::kOutputs, "result", "type=...|DIR|-|auto|tty|logs",
       "where the result goes: type=local, tar, oci, docker, image, registry; or a display mode",
       "outputs"},
      {"cache-from", 0, kRequired, Shape::kCacheFrom, "cache", "REF|type=...",
       "a cache to read: registry, local, gha, s3, azblob", "cache_from"},
      {"cache-to", 0, kRequired, Shape::kCacheTo, "cache", "REF|type=...",
       "a cache to write when the build has succeeded; also type=inline", "cache_to"},
      {"cache-dir", 0, kRequired, Shape::kPath, "cache", "DIR",
       "keep the cache in a folder: read when it is there, written when the build has succeeded",
       ""},
      {"logfile", 0, kRequired, Shape::kPath, "display", "FILE",
       "append everything that is shown, and all logs, to FILE", "logfile"},
      {"no-color", 0, kNone, Shape::kBool, "display", "", "no colours (NO_COLOR does the same)",
       ""},
      {"builder", 0, kRequired, Shape::kBuilders, "builder", "ADDR[;platforms=...]|NAME|auto",
       "the BuildKit to use; several are a pool; auto: $BUILDKIT_HOST, then a private one",
       "builder"},
      {"docker-context", 0, kRequired, Shape::kText, "builder", "NAME",
       "use docker's BuildKit of this context", ""},
      {"remote", 0, kRequired, Shape::kText, "builder", "ssh://[USER@]HOST|tcp://HOST:PORT",
       "use the BuildKit of another machine", ""},
      {"interactive", 'i', kNone, Shape::kBool, "builder", "",
       "when a RUN step fails, open a shell in it; needs a terminal", ""},
      {"interactive-shell", 0, kRequired, Shape::kText, "builder", "PROGRAM [ARGS]",
       "the program of -i [/bin/sh]", ""},
      {"sandbox", 0, kNone, Shape::kBool, "sandbox", "",
       "fail unless ktl's own work on the build runs inside the sandbox", ""},
      {"sandbox-config", 0, kRequired, Shape::kPath, "sandbox", "FILE",
       "the sandbox's policy, in nsjail's form [linux-ci.cfg of ktl]", ""},
      {"sandbox-bin", 0, kRequired, Shape::kPath, "sandbox", "FILE",
       "the program that makes the sandbox [nsjail]", ""},
      {"sandbox-bind", 0, kRequired, Shape::kList, "sandbox", "SRC:DST[:ro|rw]",
       "show a file or folder of this machine inside; may be repeated", ""},
      {"sandbox-bind-home", 0, kNone, Shape::kBool, "sandbox", "",
       "show the home folder inside, read-only", ""},
      {"sandbox-workdir", 0, kRequired, Shape::kText, "sandbox", "DIR",
       "where the context is seen inside [/workspace]", ""},
      {"sandbox-probe-path", 0, kRequired, Shape::kList, "sandbox", "PATH",
       "say whether this path is visible inside; may be repeated", ""},
      {"sandbox-logs", 0, kNone, Shape::kBool, "sandbox", "",
       "show what the program that makes the sandbox says", ""},
      {"require", 0, kRequired, Shape::kList, "hermetic", "isolation.client|steps.CONTROL=VALUE",
       "fail unless the isolation statement says so; may be repeated", "require"},
      {"authfile", 0, kRequired, Shape::kPath, "builder", "FILE",
       "registry credentials from this file only", "authfile"},
      {"hermetic", 0, kNone, Shape::kBool, "hermetic", "",
       "only pinned sources, and RUN steps without a network", "hermetic"},
      {"locked", 0, kNone, Shape::kBool, "hermetic", "",
       "--hermetic, and all from ktl.lock where there is one: sources, and what RUN steps fetch",
       "locked"},
      {"allow-network",
       0,
       Value::kOptional,
       Shape::kWords,
       "hermetic",
       "HOST[:PORT],...",
       "what RUN steps may reach, by HTTP and HTTPS and nothing else; alone: everything",
       "allow_network",
       {},
       {},
       "*"},
      {"allow-unpinned-bases", 0, kNone, Shape::kBool, "hermetic", "",
       "with --hermetic: what FROM names need not be pinned", "allow_unpinned_bases"},
  };
}

// Promised in the documents, not there yet. A plugin that contributes one of these names takes it.
constexpr std::string_view kLater[] = {"push",
                                       "publish",
                                       "load",
                                       "oci",
                                       "trust",
                                       "secure",
                                       "policy",
                                       "policy-mode",
                                       "policy-report",
                                       "secrets",
                                       "secrets-config",
                                       "secrets-report",
                                       "cache-on-failure",
                                       "s3-cache",
                                       "s3-cache-readonly",
                                       "s3-cache-region",
                                       "s3-cache-name",
                                       "s3-cache-mode",
                                       "s3-cache-endpoint-url",
                                       "s3-cache-path-style",
                                       "s3-cache-credentials",
                                       "cache-intel",
                                       "cache-intel-top",
                                       "cache-intel-format",
                                       "cache-intel-output",
                                       "fail-on-miss",
                                       "sbom",
                                       "provenance",
                                       "attest",
                                       "attest-dir",
                                       "sign",
                                       "sign-key",
                                       "rekor-url",
                                       "tlog-upload",
                                       "capture",
                                       "capture-tag",
                                       "ws-listen",
                                       "mode",
                                       "compose-file",
                                       "compose-profile",
                                       "compose-project-name",
                                       "compose-service",
                                       "compose-env-file",
                                       "bake-file",
                                       "bake-target"};

constexpr std::string_view kNoCacheOfFailures =
    "BuildKit writes caches after the results only, and writes none when a step failed (as of "
    "0.34); steps that ended well stay in the builder's own cache";

constexpr std::string_view kPartsOfSecure =
    "of its parts --sandbox, --hermetic and --policy are there; --secrets, --sbom and --provenance "
    "are not";

std::string_view obstacle_of(std::string_view name) {
  return name == "cache-on-failure" ? kNoCacheOfFailures
         : name == "secure"         ? kPartsOfSecure
                                    : std::string_view();
}

std::vector<Option> all() {
  std::vector<Option> table = own();
  for (std::string_view name : kLater) {
    Option later{.name = std::string(name), .value = Value::kOptional, .shape = Shape::kText};
    later.built = false;
    later.obstacle = obstacle_of(name);
    table.push_back(std::move(later));
  }
  return table;
}

}  // namespace

const std::vector<Option>& build_options() {
  static const std::vector<Option> table = all();
  return table;
}

const std::vector<Option>& bootstrap_options() {
  static const std::vector<Option> table = [] {
    std::vector<Option> some;
    for (const Option& option : build_options()) {
      if (option.name == "project" || option.name == "plugin-dir") {
        some.push_back(option);
      }
    }
    return some;
  }();
  return table;
}

}  // namespace ktl::cli
