#include "base/log.h"

#include "base/json.h"

#include <gtest/gtest.h>

namespace hongyan::log {
namespace {

using namespace std::chrono_literals;

const WallTime kAt = WallTime{} + 1'767'600'000'123ms;

std::string line(Fields fields) {
  std::string out;
  append_line(out, kAt, Level::kWarning, "redis-away", fields);
  return out;
}

TEST(Log, TextQuotesWhatIsNotPlain) {
  EXPECT_EQ(
      line({{"url", "unix:x"}, {"n", 3}, {"for", 1.5}, {"what", "a \"b\"\r\nc"}, {"none", ""}}),
      "2026-01-05T08:00:00.123Z warning redis-away url=unix:x n=3 for=1.500 "
      "what=\"a \\\"b\\\"\\r\\nc\" none=\"\"\n");
}

TEST(Log, JsonIsOneObjectALine) {
  set_json(true);
  const std::string out = line({{"n", 3}, {"what", "a \"b\"\n\xff 你好"}});
  set_json(false);
  EXPECT_EQ(out.find('\n'), out.size() - 1);
  const auto parsed = parse_json(out);
  ASSERT_TRUE(parsed.has_value()) << out;
  EXPECT_EQ(parsed->find("at")->text(), "2026-01-05T08:00:00.123Z");
  EXPECT_EQ(parsed->find("level")->text(), "warning");
  EXPECT_EQ(parsed->find("event")->text(), "redis-away");
  EXPECT_EQ(parsed->find("n")->as_double(), 3);
  EXPECT_EQ(parsed->find("what")->text(), "a \"b\"\\n\\xFF 你好");
}

}  // namespace
}  // namespace hongyan::log
