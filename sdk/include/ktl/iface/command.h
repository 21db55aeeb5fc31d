/* "ktl.command/1": a command of the ktl program, `ktl NAME ...`, as listed in the manifest. */
#ifndef KTL_IFACE_COMMAND_H
#define KTL_IFACE_COMMAND_H

#include <ktl/plugin.h>

#define KTL_COMMAND_ID "ktl.command/1"

typedef struct ktl_command_v1 {
  /* In: {"name": "builder", "args": ["stop", "--all"]}, args without the command's own name.
   * Out: {"exit": 0, "stdout": "..."}; progress goes out through log and emit. [serial] */
  ktl_verb run;
} ktl_command_v1;

#endif
