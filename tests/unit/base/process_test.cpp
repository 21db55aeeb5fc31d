#include "base/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>

namespace ktl {
namespace {

Command shell(const std::string& script) {
  Command command;
  command.argv = {"/bin/sh", "-c", script};
  return command;
}

TEST(Process, CollectsBothStreamsAndTheExitCode) {
  Command command = shell("cat; echo oops >&2; exit 7");
  command.input = "fed";
  auto output = system_processes().run(command);
  ASSERT_TRUE(output.ok()) << output.status().to_string();
  EXPECT_EQ(output->out, "fed");
  EXPECT_EQ(output->err, "oops\n");
  EXPECT_EQ(output->exit_code, 7);
}

TEST(Process, FeedsMoreThanAPipeHolds) {
  Command command = shell("wc -c");
  command.input = std::string(300'000, 'x');
  EXPECT_EQ(std::atoi(system_processes().run(command)->out.c_str()), 300'000);
}

TEST(Process, AnInputThatNobodyReadsIsNoFailure) {
  ::signal(SIGPIPE, SIG_IGN);
  Command command = shell("exec 0<&-; true");
  command.input = std::string(300'000, 'x');
  EXPECT_EQ(system_processes().run(command)->exit_code, 0);
}

TEST(Process, SaysWhichSignalEndedIt) {
  EXPECT_EQ(system_processes().run(shell("kill -9 $$"))->exit_code, 128 + SIGKILL);
}

TEST(Process, KillsWhatTakesTooLong) {
  Command command = shell("exec sleep 60");
  command.timeout_ms = 50;
  EXPECT_EQ(system_processes().run(command).status().code(), Code::kDeadlineExceeded);
}

TEST(Process, RefusesEndlessOutput) {
  Command command = shell("yes");
  command.output_limit = 10'000;
  EXPECT_EQ(system_processes().run(command).status().code(), Code::kResourceExhausted);
}

TEST(Process, NamesAProgramThatCannotRun) {
  Command command;
  command.argv = {"/nowhere/program"};
  auto output = system_processes().run(command);
  EXPECT_EQ(output.status().code(), Code::kNotFound);
  EXPECT_NE(output.status().message().find("/nowhere/program"), std::string::npos);
}

TEST(Process, TheChildSeesNoOtherDescriptor) {
  int extra = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC
  auto output = system_processes().run(shell("ls /proc/self/fd | wc -l"));
  ::close(extra);
  EXPECT_EQ(std::atoi(output->out.c_str()), 4);  // 0, 1, 2 and the folder that ls reads
}

TEST(Process, TheEnvironmentIsWhatWasGiven) {
  Command command = shell("env");
  command.env = {"ONLY=this"};
  EXPECT_NE(system_processes().run(command)->out.find("ONLY=this\n"), std::string::npos);
  EXPECT_EQ(system_processes().run(command)->out.find("HOME="), std::string::npos);
}

TEST(Process, ADroppedChildIsKilledAndReaped) {
  pid_t pid = 0;
  {
    auto child = spawn(shell("exec sleep 60"), STDERR_FILENO, true);
    ASSERT_TRUE(child.ok());
    pid = child->pid();
    EXPECT_EQ(child->wait(0).status().code(), Code::kDeadlineExceeded);
    EXPECT_EQ(::getsid(pid), pid);
  }
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(Process, TheWorkingDirectoryIsNeverSearched) {
  const std::string before = std::getenv("PATH");
  ::setenv("PATH", ":.:/nowhere", 1);
  EXPECT_EQ(find_program("sh").status().code(), Code::kNotFound);
  ::setenv("PATH", "/nowhere:/bin", 1);
  EXPECT_EQ(*find_program("sh"), "/bin/sh");
  ::setenv("PATH", before.c_str(), 1);
}

}  // namespace
}  // namespace ktl
