#pragma once

#include "base/async/task_group.h"
#include "mailbox/office/inbox_reader.h"

#include <cstdint>
#include <functional>
#include <random>
#include <set>
#include <string>

namespace hongyan::mailbox {

// Sees to it that each bound mailbox has one reader, in whichever engine.
//
// Owner: the office. Thread: the control thread.
class Sync {
 public:
  Sync(async::Executor executor, InboxReader::Tools tools, std::string who);

  // Until the group stops; then the readers are ended.
  async::Task<> run(const async::TaskGroup& owner, std::function<bool()> may_work);

 private:
  async::Task<std::size_t> look();  // how many mailboxes there are
  async::Task<> serve(std::string address, std::string who, Millis delay);

  async::Executor executor_;
  InboxReader::Tools tools_;
  store::MailboxStore mailboxes_;
  store::InboxStore inbox_;
  std::string who_;
  std::uint64_t readers_begun_ = 0;
  std::set<std::string> served_;
  std::mt19937_64 random_;
  async::TaskGroup readers_;
};

}  // namespace hongyan::mailbox
