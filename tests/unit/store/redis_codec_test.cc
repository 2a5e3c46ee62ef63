#include "store/redis/command.h"
#include "store/redis/decoder.h"
#include "store/redis/durability.h"
#include "store/redis/info.h"
#include "store/redis/pipeline.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace hongyan::redis {
namespace {

using namespace std::chrono_literals;

std::optional<Reply> decode(std::string_view bytes) {
  Decoder decoder;
  decoder.feed(bytes);
  auto reply = decoder.next();
  return reply ? std::move(*reply) : std::nullopt;
}

TEST(RedisCommand, ArgumentsAreBytesWithLengths) {
  EXPECT_EQ(Command("FCALL").arg("f").arg(-12).arg(std::string_view("a\0\r\n", 4)).serialise(),
            std::string("*4\r\n$5\r\nFCALL\r\n$1\r\nf\r\n$3\r\n-12\r\n$4\r\na\0\r\n\r\n", 41));
  EXPECT_EQ(Command("SET").arg("").serialise(), "*2\r\n$3\r\nSET\r\n$0\r\n\r\n");
  EXPECT_EQ(Command("GET").arg("k").name(), "GET");
}

TEST(RedisCommand, ExtremeNumbersAreWrittenWhole) {
  EXPECT_NE(Command("X").arg(INT64_MIN).serialise().find("-9223372036854775808"),
            std::string::npos);
}

constexpr std::string_view kNested =
    "*5\r\n$3\r\na\r\n\r\n:-42\r\n*2\r\n*1\r\n+OK\r\n$-1\r\n-OOM no room\r\n*0\r\n";

void expect_nested(const Reply& reply) {
  ASSERT_EQ(reply.array().size(), 5u);
  EXPECT_EQ(reply[0].text(), "a\r\n");
  EXPECT_EQ(reply[1].integer(), -42);
  EXPECT_EQ(reply[2][0][0].text(), "OK");
  EXPECT_EQ(reply[2][0][0].kind(), Reply::Kind::kStatus);
  EXPECT_TRUE(reply[2][1].is_nil());
  EXPECT_TRUE(reply[3].is_error());
  EXPECT_EQ(reply[3].error_code(), "OOM");
  EXPECT_TRUE(reply[4].is_array());
  EXPECT_TRUE(reply[4].array().empty());
  EXPECT_TRUE(reply[9].is_nil());
}

TEST(RedisDecoder, ReplySplitAtEveryByteIsTheSame) {
  for (std::size_t cut = 0; cut <= kNested.size(); ++cut) {
    Decoder decoder;
    decoder.feed(kNested.substr(0, cut));
    auto first = decoder.next();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->has_value(), cut == kNested.size());
    decoder.feed(kNested.substr(cut));
    auto reply = cut == kNested.size() ? std::move(first) : decoder.next();
    ASSERT_TRUE(reply && *reply) << cut;
    expect_nested(**reply);
  }
}

TEST(RedisDecoder, ReplyFedByteByByteIsTheSame) {
  Decoder decoder;
  std::optional<Reply> whole;
  for (const char byte : kNested) {
    ASSERT_FALSE(whole);
    decoder.feed({&byte, 1});
    auto reply = decoder.next();
    ASSERT_TRUE(reply);
    whole = std::move(*reply);
  }
  ASSERT_TRUE(whole);
  expect_nested(*whole);
}

TEST(RedisDecoder, WhatIsNoRespBreaksIt) {
  for (const char* bytes : {"HTTP/1.1 400\r\n", "$x\r\n", "*-7\r\n", ":\r\n", "$-2\r\n",
                            "*99999999999\r\n", ":99999999999999999999\r\n",
                            "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"}) {
    Decoder decoder;
    decoder.feed(bytes);
    const auto reply = decoder.next();
    ASSERT_FALSE(reply) << bytes;
    EXPECT_EQ(reply.error().code, "redis-protocol");
  }
}

TEST(RedisDecoder, HugeCountCostsNothingUntilElementsCome) {
  Decoder decoder;
  decoder.feed("*2147483647\r\n:1\r\n");
  const auto reply = decoder.next();
  ASSERT_TRUE(reply);
  EXPECT_FALSE(*reply);
}

TEST(RedisReply, FlatMapIsSearchedByKeyNotByValue) {
  const auto reply = decode("*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nb\r\n:7\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->find("a")->text(), "b");
  EXPECT_EQ(reply->find("b")->integer(), 7);
  EXPECT_EQ(reply->find("c"), nullptr);
}

TEST(RedisReply, NumberWrittenAsTextIsANumberAndNothingElseIs) {
  EXPECT_EQ(decode("$3\r\n-12\r\n")->integer(), -12);
  EXPECT_EQ(decode("$3\r\n12x\r\n")->integer(), 0);
  EXPECT_EQ(decode("$-1\r\n")->integer(), 0);
  EXPECT_EQ(decode(":5\r\n")->text(), "");
}

TEST(RedisInfo, FieldIsFoundWholeOnly) {
  const Info info("# Server\r\nredis_version:7.0.15\r\nversion:x\r\nmaxmemory:12\r\n");
  EXPECT_EQ(info.get("redis_version"), "7.0.15");
  EXPECT_EQ(info.get("version"), "x");
  EXPECT_EQ(info.get("redis"), "");
  EXPECT_EQ(info.number("maxmemory"), 12);
}

constexpr const char* kGoodInfo =
    "redis_version:7.0.15\r\nrole:master\r\naof_enabled:1\r\nmaxmemory_policy:noeviction\r\n"
    "cluster_enabled:0\r\n";

TEST(RedisDurability, VerdictFollowsAppendfsync) {
  EXPECT_EQ(judge(kGoodInfo, "always").durable, Durable::kYes);
  EXPECT_EQ(judge(kGoodInfo, "everysec").durable, Durable::kYes);
  EXPECT_EQ(judge(kGoodInfo, "no").durable, Durable::kWeak);
  EXPECT_EQ(judge(kGoodInfo, "").durable, Durable::kUnreadable);
  EXPECT_TRUE(judge(kGoodInfo, "always").faults.empty());
  EXPECT_EQ(judge(kGoodInfo, "").warnings.size(), 1u);
}

TEST(RedisDurability, KeepsWhatWasAcceptedOnlyWithAFileThatIsWrittenAndWithoutEviction) {
  EXPECT_TRUE(judge(kGoodInfo, "everysec").keeps);
  EXPECT_FALSE(judge(kGoodInfo, "no").keeps);
  EXPECT_FALSE(judge(kGoodInfo, "").keeps);
  const std::string good = kGoodInfo;
  EXPECT_TRUE(judge(good + "aof_last_write_status:ok\r\n", "always").keeps);
  const auto full_disk = judge(good + "aof_last_write_status:err\r\n", "always");
  EXPECT_FALSE(full_disk.keeps);
  EXPECT_EQ(full_disk.warnings.size(), 1u);
  EXPECT_FALSE(judge("redis_version:7.0.15\r\nrole:master\r\naof_enabled:1\r\n"
                     "maxmemory_policy:allkeys-lru\r\n",
                     "always")
                   .keeps);
}

TEST(RedisDurability, EveryReasonNotToRunIsNamedAtOnce) {
  const auto found = judge(
      "redis_version:6.2.1\r\nrole:slave\r\nmaster_host:h\r\naof_enabled:0\r\n"
      "maxmemory_policy:allkeys-lru\r\ncluster_enabled:1\r\n",
      "always");
  EXPECT_EQ(found.faults.size(), 4u);
  EXPECT_EQ(found.durable, Durable::kWeak);
}

class RedisPipeline : public ::testing::Test {
 protected:
  void ask(std::chrono::seconds patience) {
    pipeline_.push(Command("PING"), start_, start_ + patience, [this, id = asked_++](auto reply) {
      log_.push_back(std::to_string(id) + "=" +
                     std::string(reply ? reply->text() : reply.error().code));
    });
  }
  SteadyTime start_{std::chrono::hours(1)};
  Pipeline pipeline_;
  int asked_ = 0;
  std::vector<std::string> log_;
};

TEST_F(RedisPipeline, RepliesAreMatchedFirstInFirstOut) {
  ask(1s);
  ask(1s);
  std::string out;
  pipeline_.take_output(out);
  EXPECT_EQ(out, "*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n");
  EXPECT_FALSE(pipeline_.has_output());
  ASSERT_TRUE(pipeline_.feed("+A\r\n+B", start_));
  ASSERT_TRUE(pipeline_.feed("\r\n", start_));
  EXPECT_EQ(log_, (std::vector<std::string>{"0=A", "1=B"}));
}

TEST_F(RedisPipeline, LateReplyOfAnExpiredCallIsNotTheNextOnes) {
  ask(1s);
  ask(9s);
  EXPECT_EQ(pipeline_.expire(start_ + 1s), start_ + 6s);
  ASSERT_TRUE(pipeline_.feed("+LATE\r\n+B\r\n", start_ + 2s));
  EXPECT_EQ(log_, (std::vector<std::string>{"0=redis-timeout", "1=B"}));
  EXPECT_EQ(pipeline_.stats().timeouts, 1u);
}

TEST_F(RedisPipeline, SilenceAfterAnExpiredHeadIsDeath) {
  ask(1s);
  EXPECT_FALSE(pipeline_.is_dead(start_ + 60s));
  pipeline_.expire(start_ + 1s);
  EXPECT_FALSE(pipeline_.is_dead(start_ + 5s));
  EXPECT_TRUE(pipeline_.is_dead(start_ + 6s));
}

TEST_F(RedisPipeline, LossReachesEveryCallOnceAndHalfAReplyIsForgotten) {
  ask(1s);
  ask(1s);
  ASSERT_TRUE(pipeline_.feed("$5\r\nab", start_));
  pipeline_.fail_all({Scope::kProcess, "redis-lost", ""});
  pipeline_.fail_all({Scope::kProcess, "redis-lost", ""});
  EXPECT_FALSE(pipeline_.has_output());
  ask(1s);
  ASSERT_TRUE(pipeline_.feed("+C\r\n", start_));
  EXPECT_EQ(log_, (std::vector<std::string>{"0=redis-lost", "1=redis-lost", "2=C"}));
}

TEST_F(RedisPipeline, ReplyThatNobodyAskedForIsAProtocolError) {
  const auto fed = pipeline_.feed("+A\r\n", start_);
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().code, "redis-protocol");
}

TEST_F(RedisPipeline, HandlerMayAskAgain) {
  pipeline_.push(Command("A"), start_, start_ + 1s, [this](auto) { ask(1s); });
  ASSERT_TRUE(pipeline_.feed("+A\r\n", start_));
  ASSERT_TRUE(pipeline_.feed("+B\r\n", start_));
  EXPECT_EQ(log_, (std::vector<std::string>{"0=B"}));
}

}  // namespace
}  // namespace hongyan::redis
