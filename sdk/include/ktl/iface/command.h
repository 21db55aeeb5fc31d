/* "ktl.command/1": a command of the ktl program, `ktl NAME ...`, as listed in the manifest.
 *
 * ktl looks only at the first word: flags and operands after it are the plugin's own, and so is
 * `--help` among them. Nothing is printed by the plugin itself: what scripts read goes into the
 * answer's `stdout`, progress goes out through log and emit and is drawn by ktl on stderr.
 *
 * Two plugins with one command of the same name: exit 2 naming both. May be isolated. */
#ifndef KTL_IFACE_COMMAND_H
#define KTL_IFACE_COMMAND_H

#include <ktl/plugin.h>

#define KTL_COMMAND_ID "ktl.command/1"

typedef struct ktl_command_v1 {
  /* In: command-1 {name, args}, {"name": "builder", "args": ["stop", "--all"]}: args without the
   * command's own name. Out: exit-1 {exit, stdout}. KTL_INVALID_ARGUMENT and KTL_NOT_FOUND mean
   * that the user asked for something wrong (exit 2). No deadline; stop when cancelled (Ctrl-C).
   * [serial] */
  ktl_verb run;
} ktl_command_v1;

#endif
