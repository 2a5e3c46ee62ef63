// `hongyan sink` from outside: what it prints, how it ends.
#include "sink/profile_file.h"
#include "tests/integration/sink/raw_peer.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <sys/wait.h>
#include <vector>

namespace hongyan::sink {
namespace {

using testing::StartsWith;

class Command {
 public:
  explicit Command(std::vector<std::string> arguments) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return;
    arguments.insert(arguments.begin(), {HONGYAN_BINARY, "sink"});
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::execv(HONGYAN_BINARY, argv.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ::fdopen(ends[0], "r");
  }
  ~Command() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    if (output_ != nullptr) std::fclose(output_);
  }
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  std::string line() {
    char buffer[4096];
    return std::fgets(buffer, sizeof buffer, output_) == nullptr ? "" : buffer;
  }
  void terminate() { ::kill(child_, SIGTERM); }
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(child_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t child_ = -1;
  std::FILE* output_ = nullptr;
};

TEST(SinkCommand, SaysWhereItListensAndSumsUpOnSigterm) {
  Command sink({"--listen", "127.0.0.1", "--listen", "127.0.0.2:0"});
  const auto first = sink.line();
  EXPECT_THAT(first, StartsWith("listening on 127.0.0.1:"));
  EXPECT_THAT(sink.line(), StartsWith("listening on 127.0.0.2:"));
  RawPeer peer(static_cast<std::uint16_t>(std::stoi(first.substr(first.rfind(':') + 1))));
  EXPECT_THAT(peer.reply(), StartsWith("220"));
  peer.say("EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<li@x>\r\nBDAT 1 LAST\r\nxQUIT\r\n");
  peer.hear_out();
  sink.terminate();
  const auto summary = boost::json::parse(sink.line());
  EXPECT_EQ(summary.at("messages").to_number<int>(), 1);
  EXPECT_EQ(sink.wait(), 0);
}

TEST(SinkCommand, JsonIsForPrograms) {
  Command sink({"--json"});
  const auto line = boost::json::parse(sink.line());
  EXPECT_EQ(line.at("listening").at("address").as_string(), "127.0.0.1");
  RawPeer peer(line.at("listening").at("port").to_number<std::uint16_t>());
  EXPECT_THAT(peer.reply(), StartsWith("220"));
  sink.terminate();
  EXPECT_EQ(sink.wait(), 0);
}

TEST(SinkCommand, BadFlagsAndProfilesHaveTheirExitCodes) {
  EXPECT_EQ(Command({"--profile", "/nowhere.toml"}).wait(), 78);
  EXPECT_EQ(Command({"--listen", "127.0.0.1:99999"}).wait(), 78);
  EXPECT_EQ(Command({"--frob"}).wait(), 64);
  EXPECT_EQ(Command({"--log", "/nowhere/log"}).wait(), 1);
}

// The example of the manual, as it stands there.
TEST(SinkCommand, ProfileOfTheManualIsValid) {
  std::ifstream manual(HONGYAN_MANUAL);
  std::string profile;
  bool inside = false;
  for (std::string line; std::getline(manual, line);) {
    if (line.starts_with("## ")) inside = line == "## Profile";
    if (inside && line.starts_with("    ")) profile += line.substr(4) + "\n";
  }
  const auto listeners = parse_listeners({"127.0.0.1:2525"}, profile, "docs/sink.md");
  ASSERT_TRUE(listeners) << listeners.error().front().sentence();
  ASSERT_EQ(listeners->size(), 2U);
  EXPECT_EQ((*listeners)[0].profile.limits.connections, 10U);
  EXPECT_EQ((*listeners)[1].profile.limits.connections, 3U);
  EXPECT_EQ((*listeners)[1].profile.limits.messages_per_connection, 7U);
  EXPECT_EQ((*listeners)[1].profile.style, "google");
}

}  // namespace
}  // namespace hongyan::sink
