#include "store/mailbox_store.h"
#include "tests/integration/store/store_fixture.h"

#include <thread>

namespace hongyan::store::test {
namespace {

using namespace std::chrono_literals;
using Mark = MailboxStore::Mark;
using Put = MailboxStore::Put;

constexpr const char* kBox = "anna@163.com";

class Mailboxes : public StoreTest {
 protected:
  MailboxStore boxes() { return MailboxStore(store()); }
  void bind() { run_void(boxes().bind(kBox, {{"status", "normal"}, {"secret", "sealed"}})); }
  void run_void(async::Task<Result<void>> task) {
    const auto done = client().run(std::move(task));
    EXPECT_TRUE(done) << done.error().detail;
  }
  Put put(const std::string& id, const std::string& digest = "d", std::int64_t due = 1) {
    return run(boxes().put(kBox, {id, digest, due, {{"document", "{}"}, {"to", "bob@b.example"}}}));
  }
  std::optional<std::vector<std::string>> lease(const std::string& who, Millis length = 10s) {
    return run(boxes().lease(kBox, who, length));
  }
  Mark mark(const std::string& who, const std::string& id, std::int64_t most = 50) {
    return run(boxes().mark(kBox, who, id, "2026-11-21", most));
  }
  bool settle(const std::string& who, const std::string& id, MailboxStore::Settlement what) {
    return run(boxes().settle(kBox, who, id, std::move(what)));
  }
  std::string state(const std::string& id) { return run(boxes().load_letter(kBox, id))["state"]; }
  std::int64_t sent() { return run(boxes().sent_on(kBox, "2026-11-21")); }
};

TEST_F(Mailboxes, ALetterGoesOutOnce) {
  bind();
  EXPECT_EQ(put("l1"), Put::kCreated);
  EXPECT_EQ(put("l1"), Put::kSame);
  EXPECT_EQ(put("l1", "other"), Put::kDiffers);
  ASSERT_TRUE(lease("e1"));
  EXPECT_EQ(mark("e1", "l1"), Mark::kGo);
  EXPECT_EQ(mark("e1", "l1"), Mark::kLost) << "it is on the wire";
  EXPECT_EQ(state("l1"), "sending");
  EXPECT_TRUE(
      settle("e1", "l1", {.state = "sent", .answered = true, .fields = {{"reply", "250"}}}));
  EXPECT_FALSE(settle("e1", "l1", {.state = "sent", .answered = true}));
  EXPECT_EQ(state("l1"), "sent");
  EXPECT_EQ(sent(), 1);
  EXPECT_TRUE(run(boxes().waiting(kBox, 10)).empty());
  EXPECT_EQ(run(boxes().outbox(kBox, 10)), std::vector<std::string>{"l1"});
  auto box = run(boxes().load(kBox));
  EXPECT_EQ(box["answers"], "1");
  EXPECT_NE(box["last_sent"], "");
  EXPECT_EQ(put("l1"), Put::kSame) << "also when it is gone";
}

TEST_F(Mailboxes, OneEngineAtATime) {
  bind();
  put("l1");
  ASSERT_TRUE(lease("e1"));
  EXPECT_FALSE(lease("e2"));
  EXPECT_EQ(mark("e2", "l1"), Mark::kLost);
  run_void(boxes().release(kBox, "e1"));
  EXPECT_TRUE(lease("e2"));
  EXPECT_EQ(mark("e1", "l1"), Mark::kLost);
  EXPECT_EQ(mark("e2", "l1"), Mark::kGo);
}

TEST_F(Mailboxes, WhatADeadEngineSentIsInDoubtAndNotSentAgain) {
  bind();
  put("l1");
  put("l2");
  ASSERT_TRUE(lease("e1", 20ms));
  EXPECT_EQ(mark("e1", "l1"), Mark::kGo);
  std::this_thread::sleep_for(40ms);
  EXPECT_EQ(lease("e2"), std::vector<std::string>{"l1"});
  EXPECT_EQ(state("l1"), "in_doubt");
  EXPECT_EQ(mark("e2", "l1"), Mark::kLost);
  EXPECT_EQ(mark("e2", "l2"), Mark::kGo);
  // It was only slow: its answer removes the doubt.
  EXPECT_TRUE(settle("e1", "l1", {.state = "sent", .answered = true}));
  EXPECT_EQ(state("l1"), "sent");
  EXPECT_FALSE(settle("e1", "l2", {.state = "sent"})) << "not its letter";
}

TEST_F(Mailboxes, ADayHasSoManyPlaces) {
  bind();
  for (const char* id : {"l1", "l2", "l3"}) put(id);
  ASSERT_TRUE(lease("e1"));
  EXPECT_EQ(mark("e1", "l1", 1), Mark::kGo);
  EXPECT_EQ(mark("e1", "l2", 1), Mark::kFull);
  settle("e1", "l1", {.state = "queued", .due_ms = 77, .gives_place_back = true});
  EXPECT_EQ(sent(), 0);
  EXPECT_EQ(mark("e1", "l2", 1), Mark::kGo);
  settle("e1", "l2", {.state = "bounced", .answered = true, .bad_address = true});
  EXPECT_EQ(sent(), 1);
  EXPECT_EQ(run(boxes().load(kBox))["bad"], "1");
  EXPECT_EQ(run(boxes().waiting(kBox, 1)), (MailboxStore::Waiting{{"l3", 1}}));
  EXPECT_EQ(run(boxes().waiting(kBox, 9)).back(), (std::pair<std::string, std::int64_t>{"l1", 77}));
}

TEST_F(Mailboxes, UnbindingForgetsTheSecretAndKeepsAgeAndCounters) {
  bind();
  const std::string bound = run(boxes().load(kBox))["bound_at"];
  put("l1");
  put("l2");
  lease("e1");
  mark("e1", "l1");
  settle("e1", "l1", {.state = "sent", .answered = true});
  EXPECT_TRUE(run(boxes().unbind(kBox)));
  EXPECT_FALSE(run(boxes().unbind(kBox)));
  auto box = run(boxes().load(kBox));
  EXPECT_EQ(box["status"], "unbound");
  EXPECT_EQ(box.count("secret"), 0U);
  EXPECT_EQ(state("l2"), "cancelled");
  EXPECT_EQ(put("l3"), Put::kUnbound);
  EXPECT_FALSE(lease("e1"));
  EXPECT_FALSE(run(boxes().set(kBox, {{"label", "x"}})));
  EXPECT_TRUE(run(boxes().all()).empty());
  EXPECT_GT(call({"TTL", "hongyan:{anna@163.com}:mailbox"}).integer(), 89 * 24 * 3600);
  bind();
  EXPECT_EQ(run(boxes().load(kBox))["bound_at"], bound);
  EXPECT_EQ(sent(), 1);
  EXPECT_EQ(call({"TTL", "hongyan:{anna@163.com}:mailbox"}).integer(), -1);
  EXPECT_EQ(run(boxes().all()), std::vector<std::string>{kBox});
}

TEST_F(Mailboxes, LikeLettersAreCountedByPeople) {
  MailboxStore::Guard guard{kBox, "l1", 0xF0F0F0F012345678, "a@x.example", 2, 1h, 15};
  EXPECT_EQ(run(boxes().guard(guard)), 0);
  EXPECT_EQ(run(boxes().guard(guard)), 0) << "the same person again";
  guard.id = "l2";
  guard.recipient = "b@x.example";
  guard.fingerprint ^= 0x700000000000FFF;  // 15 bits
  EXPECT_EQ(run(boxes().guard(guard)), 1);
  guard.recipient = "c@x.example";
  EXPECT_EQ(run(boxes().guard(guard)), 2);
  EXPECT_EQ(run(boxes().guard(guard)), 2) << "who was refused is not counted";
  guard.fingerprint = 0x0F0F0F0FEDCBA987;
  EXPECT_EQ(run(boxes().guard(guard)), 0);
  guard.window = 1ms;
  std::this_thread::sleep_for(5ms);
  EXPECT_EQ(run(boxes().guard(guard)), 0);
}

TEST_F(Mailboxes, ADomainHasPlacesOfItsOwn) {
  EXPECT_TRUE(run(boxes().take_place("corp.example", "2026-11-21", 2)));
  EXPECT_TRUE(run(boxes().take_place("corp.example", "2026-11-21", 2)));
  EXPECT_FALSE(run(boxes().take_place("corp.example", "2026-11-21", 2)));
  EXPECT_TRUE(run(boxes().take_place("corp.example", "2026-11-22", 2)));
  run_void(boxes().return_place("corp.example", "2026-11-21"));
  EXPECT_TRUE(run(boxes().take_place("corp.example", "2026-11-21", 2)));
}

TEST_F(Mailboxes, EnginesWakeWhenALetterIsDue) {
  run_void(boxes().wake_at(kBox, 100));
  EXPECT_TRUE(run(boxes().due(99, 10)).empty());
  EXPECT_EQ(run(boxes().due(100, 10)), std::vector<std::string>{kBox});
  run_void(boxes().sleep(kBox));
  EXPECT_TRUE(run(boxes().due(100, 10)).empty());
}

}  // namespace
}  // namespace hongyan::store::test
