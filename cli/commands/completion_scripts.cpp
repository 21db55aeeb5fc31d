#include "cli/commands/completion_scripts.h"

namespace ktl::cli {
namespace {

// readline takes "=" and ":" for the ends of words and ktl does not: the line is cut anew, and of
// each candidate only what follows the last of them is handed back.
constexpr std::string_view kBash = R"bash(# bash completion for ktl
_ktl() {
  local line typed before path paths=none
  local -a words
  line=${COMP_LINE:0:COMP_POINT}
  read -r -a words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  while ((${#words[@]} > 1)) && [[ ${words[0]} != "$1" ]]; do words=("${words[@]:1}"); done
  typed=${words[${#words[@]} - 1]}
  before=${typed%"${typed##*[=:]}"}
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :*) paths=${line#:} ;;
      *) line=${line%%$'\t'*} && COMPREPLY+=("${line#"$before"}") ;;
    esac
  done < <("${words[0]/#\~/$HOME}" __complete "${words[@]:1}" 2>/dev/null)
  [[ $paths == none ]] && return
  compopt -o filenames 2>/dev/null
  local option=-f
  [[ $paths == folders ]] && option=-d
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(
    compgen "$option" -- "${typed#"$before"}")
}
complete -F _ktl ktl
)bash";

constexpr std::string_view kZsh = R"zsh(#compdef ktl
_ktl() {
  local line paths=none
  local -a described
  for line in "${(@f)$("${words[1]/#\~/$HOME}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      :*) paths=${line#:} ;;
      ?*) described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
    esac
  done
  (( ${#described} )) && _describe ktl described
  case $paths in
    files) compset -P '*='; _files ;;
    folders) compset -P '*='; _files -/ ;;
  esac
}
if [ "$funcstack[1]" = _ktl ]; then _ktl "$@"; else compdef _ktl ktl; fi
)zsh";

constexpr std::string_view kFish = R"fish(# fish completion for ktl
function __ktl_complete
    set -l words (commandline -opc) "$(commandline -ct)"
    for line in ($words[1] __complete $words[2..-1] 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path "$(commandline -ct)"
            case :folders
                __fish_complete_directories "$(commandline -ct)"
            case ':*'
            case '*'
                echo -- $line
        end
    end
end
complete -c ktl -f -a '(__ktl_complete)'
)fish";

}  // namespace

std::string_view completion_script(std::string_view shell) {
  return shell == "bash" ? kBash : shell == "zsh" ? kZsh : shell == "fish" ? kFish : "";
}

}  // namespace ktl::cli
