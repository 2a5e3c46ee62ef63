#include "store/inbox_store.h"
#include "store/mailbox_store.h"
#include "store/note_store.h"
#include "tests/integration/store/store_fixture.h"

#include <thread>

namespace hongyan::store::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kBox = "anna@163.com";

class Notes : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    const auto bound = client().run(MailboxStore(store()).bind(
        kBox, {{"status", "normal"}, {"imap", "i.example:993 implicit"}}));
    ASSERT_TRUE(bound);
    notify("boss@acme.example");
    ASSERT_TRUE(run(inbox().lease(kBox, "e1", 10s, false)));
    run(inbox().begin(kBox, "e1", 7, 1));
  }
  InboxStore inbox() { return InboxStore(store()); }
  NoteStore notes() { return NoteStore(store()); }
  void notify(const std::string& to) { run(MailboxStore(store()).set(kBox, {{"notify", to}})); }
  void come(std::uint32_t uid, const std::string& more = {}) {
    const std::string head =
        "{\"uid\":" + std::to_string(uid) + R"(,"subject":"\"from_machine\":true")" + more + "}";
    EXPECT_TRUE(run(inbox().put(kBox, "e1", 7, uid + 1, {{uid, head}})));
  }
  void trouble() { EXPECT_TRUE(client().run(notes().add(kBox, "mailbox.refused", "{}"))); }
  std::optional<NoteStore::Batch> take(Millis every = 0ms) {
    return run(notes().take(kBox, every));
  }
  void done(std::int64_t number) { EXPECT_TRUE(client().run(notes().done(kBox, number))); }
};

TEST_F(Notes, WhatCameIsTakenUntilItIsDone) {
  come(1);
  const auto batch = take();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->to, "boss@acme.example");
  EXPECT_EQ(batch->count, 1);
  come(2);
  notify("other@acme.example");
  const auto again = take();
  ASSERT_TRUE(again) << "whoever took it may have died";
  EXPECT_EQ(again->number, batch->number);
  EXPECT_EQ(again->notes, batch->notes);
  EXPECT_EQ(again->to, batch->to);
  done(batch->number);
  const auto next = take();
  ASSERT_TRUE(next);
  EXPECT_GT(next->number, batch->number);
  EXPECT_EQ(next->count, 1);
  EXPECT_EQ(next->to, "other@acme.example");
  done(batch->number);
  EXPECT_EQ(take()->number, next->number) << "a late engine ends no batch but its own";
  done(next->number);
  EXPECT_FALSE(take());
}

TEST_F(Notes, ABurstIsCountedAndTroubleIsKept) {
  for (std::uint32_t uid = 1; uid <= 200; ++uid) come(uid);
  trouble();
  const auto batch = take();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->count, 201);
  EXPECT_EQ(batch->notes.size(), 51U);
  EXPECT_TRUE(batch->notes.back().contains("mailbox.refused"));
}

TEST_F(Notes, TheNextMailWaitsItsTime) {
  come(1);
  done(take(1h)->number);
  come(2);
  EXPECT_FALSE(take(1h));
  std::this_thread::sleep_for(5ms);
  EXPECT_TRUE(take(5ms));
}

TEST_F(Notes, WhatAMachineWroteIsNotTold) {
  come(1, R"(,"from_machine":true)");
  EXPECT_FALSE(take());
  come(2, R"(,"from_machine":false)");
  EXPECT_EQ(take()->count, 1);
}

TEST_F(Notes, WhoNamesNobodyIsNotTold) {
  come(1);
  notify("");
  come(2);
  trouble();
  EXPECT_FALSE(take());
  notify("boss@acme.example");
  EXPECT_FALSE(take()) << "what was before is old";
  come(3);
  ASSERT_TRUE(take());
  EXPECT_TRUE(run(MailboxStore(store()).unbind(kBox)));
  EXPECT_FALSE(take());
}

}  // namespace
}  // namespace hongyan::store::test
