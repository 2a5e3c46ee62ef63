#include "store/inbox_store.h"
#include "store/keys.h"
#include "store/mailbox_store.h"
#include "tests/integration/store/store_fixture.h"

#include <thread>

namespace hongyan::store::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kBox = "anna@163.com";

class Inboxes : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    bind();
  }
  InboxStore inbox() { return InboxStore(store()); }
  MailboxStore boxes() { return MailboxStore(store()); }
  void run_void(async::Task<Result<void>> task) {
    const auto done = client().run(std::move(task));
    EXPECT_TRUE(done) << done.error().detail;
  }
  void bind() {
    run_void(boxes().bind(kBox, {{"status", "normal"}, {"imap", "i.example:993 implicit"}}));
  }
  bool lease(const std::string& who, Millis length = 10s, bool held = false) {
    return run(inbox().lease(kBox, who, length, held));
  }
  std::uint32_t begin(const std::string& who, std::uint32_t validity, std::uint32_t next) {
    return run(inbox().begin(kBox, who, validity, next));
  }
  bool put(const std::string& who, std::uint32_t validity, std::uint32_t next,
           std::vector<std::uint32_t> uids) {
    std::vector<InboxStore::Head> heads;
    for (const std::uint32_t uid : uids)
      heads.push_back({uid, "{\"uid\":" + std::to_string(uid) + "}"});
    return run(inbox().put(kBox, who, validity, next, std::move(heads)));
  }
  std::vector<std::string> publish() {
    std::vector<std::string> told;
    for (const auto& one : run(inbox().publish(kBox, "acme", 1000)))
      told.push_back(one.type + one.data);
    return told;
  }
  std::int64_t events() {
    return run(store().call(std::move(redis::Command("XLEN").arg(keys::kEvents)))).integer();
  }
  std::vector<std::string> newest() { return run(inbox().newest(kBox, 10)); }
};

using Told = std::vector<std::string>;

TEST_F(Inboxes, ATrackedLetterIsOpenedOnceAndEachLinkFollowedOnce) {
  run(boxes().put(kBox, {"l1", "d", 1, {{"document", "{}"}, {"to", "bob@b.example"}}}));
  const auto seen = [&](std::int64_t link) {
    return run(boxes().seen(kBox, "l1", link, "[" + std::to_string(link) + "]"));
  };
  EXPECT_EQ(seen(3), "counted");
  EXPECT_EQ(seen(-1), "known") << "who clicks has opened";
  EXPECT_EQ(seen(0), "counted");
  EXPECT_EQ(seen(3), "known");
  auto letter = run(boxes().load_letter(kBox, "l1"));
  EXPECT_EQ(letter["clicks"], "2");
  EXPECT_NE(letter["opened_at"], "");
  EXPECT_EQ(publish(), (Told{"mailbox.clicked[3]", "mailbox.clicked[0]"}));
  run(boxes().put(kBox, {"l2", "d", 1, {{"document", "{}"}}}));
  EXPECT_EQ(run(boxes().seen(kBox, "l2", -1, "{}")), "counted");
  EXPECT_EQ(publish(), Told{"mailbox.opened{}"});
  EXPECT_EQ(run(boxes().seen(kBox, "l3", -1, "{}")), "gone");
  run(boxes().unbind(kBox));
  EXPECT_EQ(run(boxes().seen(kBox, "l1", 5, "{}")), "gone");
  EXPECT_EQ(publish(), Told{});
}

TEST_F(Inboxes, WhatLayThereAtFirstIsNoNews) {
  ASSERT_TRUE(lease("e1"));
  EXPECT_EQ(begin("e1", 7, 500), 500U);
  EXPECT_EQ(begin("e1", 7, 600), 500U) << "what came since is";
  EXPECT_EQ(publish(), Told{});
}

TEST_F(Inboxes, AMessageIsToldOnceWhoeverStoresIt) {
  ASSERT_TRUE(lease("e1"));
  begin("e1", 7, 5);
  EXPECT_TRUE(put("e1", 7, 7, {5, 6}));
  EXPECT_TRUE(put("e1", 7, 7, {5, 6})) << "the answer was lost, it is repeated";
  EXPECT_TRUE(put("e1", 7, 8, {6, 7}));
  EXPECT_EQ(newest(), (Told{"{\"uid\":7}", "{\"uid\":6}", "{\"uid\":5}"}));
  EXPECT_EQ(publish(), (Told{"mailbox.message{\"uid\":5}", "mailbox.message{\"uid\":6}",
                             "mailbox.message{\"uid\":7}"}));
  EXPECT_EQ(publish(), Told{});
  EXPECT_EQ(events(), 3);
}

TEST_F(Inboxes, NewsPublishedTwiceAreOnTheStreamOnce) {
  ASSERT_TRUE(lease("e1"));
  begin("e1", 7, 5);
  put("e1", 7, 6, {5});
  const auto waiting = run(store().call(
      std::move(redis::Command("LRANGE").arg(keys::of_mailbox(kBox, "news")).arg(0).arg(-1))));
  const std::string entry(waiting[0].text());
  EXPECT_EQ(publish().size(), 1U);
  // An engine that died before it took them out.
  run(store().call(
      std::move(redis::Command("RPUSH").arg(keys::of_mailbox(kBox, "news")).arg(entry))));
  EXPECT_EQ(publish(), Told{});
  EXPECT_EQ(events(), 1);
}

TEST_F(Inboxes, AFolderNumberedAnewIsToldOnceWithoutAFlood) {
  ASSERT_TRUE(lease("e1"));
  begin("e1", 7, 5);
  EXPECT_EQ(begin("e1", 8, 100), 100U);
  EXPECT_EQ(begin("e1", 8, 100), 100U);
  EXPECT_FALSE(put("e1", 7, 6, {5})) << "read before it was numbered anew";
  EXPECT_EQ(publish(), Told{"mailbox.renumbered{\"mailbox\":\"anna@163.com\"}"});
}

TEST_F(Inboxes, OneEngineReadsAtATime) {
  ASSERT_TRUE(lease("e1", 20ms));
  begin("e1", 7, 5);
  EXPECT_FALSE(lease("e2", 10s, true)) << "only who has it may renew it";
  std::this_thread::sleep_for(40ms);
  ASSERT_TRUE(lease("e2"));
  EXPECT_FALSE(lease("e1"));
  EXPECT_FALSE(lease("e1", 10s, true));
  EXPECT_FALSE(put("e1", 7, 6, {5}));
  EXPECT_EQ(begin("e1", 7, 6), 0U);
  EXPECT_TRUE(put("e2", 7, 6, {5}));
  run_void(inbox().release(kBox, "e2"));
  EXPECT_TRUE(lease("e1"));
}

TEST_F(Inboxes, NobodyReadsWhatIsOffRefusedOrUnbound) {
  run(boxes().set(kBox, {{"sync", "off"}}));
  EXPECT_FALSE(lease("e1"));
  run(boxes().set(kBox, {{"sync", ""}, {"status", "needs-code"}}));
  EXPECT_FALSE(lease("e1"));
  run(boxes().set(kBox, {{"status", "stopped"}}));
  EXPECT_TRUE(lease("e1")) << "that stops letters only";
  run(boxes().unbind(kBox));
  EXPECT_FALSE(lease("e1"));
}

TEST_F(Inboxes, UnbindingForgetsWhatCameAndBindingBeginsAnew) {
  ASSERT_TRUE(lease("e1"));
  begin("e1", 7, 5);
  put("e1", 7, 6, {5});
  EXPECT_EQ(publish().size(), 1U);
  run(boxes().unbind(kBox));
  EXPECT_EQ(newest(), Told{});
  bind();
  EXPECT_FALSE(lease("e1", 10s, true)) << "with the old secret";
  ASSERT_TRUE(lease("e2"));
  EXPECT_EQ(begin("e2", 7, 9), 9U);
  put("e2", 7, 10, {9});
  EXPECT_EQ(publish(), Told{"mailbox.message{\"uid\":9}"}) << "numbers of news go on rising";
}

TEST_F(Inboxes, EachWarningIsGivenOnce) {
  run(boxes().set(kBox, {{"expires_at", "1000"}}));
  const auto warn = [&](std::int64_t expires, int stage) {
    return run(inbox().warn(kBox, expires, stage, "{\"days\":3}"));
  };
  EXPECT_TRUE(warn(1000, 1));
  EXPECT_FALSE(warn(1000, 1));
  EXPECT_TRUE(warn(1000, 3));
  EXPECT_FALSE(warn(1000, 2));
  EXPECT_FALSE(warn(999, 4)) << "the day was changed meanwhile";
  EXPECT_EQ(publish(), (Told{"mailbox.expiring{\"days\":3}", "mailbox.expiring{\"days\":3}"}));
}

}  // namespace
}  // namespace hongyan::store::test
