#include "scheduler/fair_queue.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace hongyan::scheduler {
namespace {

constexpr TenantNumber kAcme{1}, kZeta{2};
constexpr JobNumber kA{10}, kB{11}, kC{12};

// How often each job is served in `turns` turns of the given price.
std::map<JobNumber, int> serve(FairQueue& queue, int turns, std::int64_t price = 1) {
  std::map<JobNumber, int> served;
  for (int i = 0; i < turns; ++i) {
    const JobNumber job = *queue.next();
    queue.charge(job, price);
    ++served[job];
  }
  return served;
}

TEST(FairQueue, EmptyHasNoNext) {
  EXPECT_EQ(FairQueue{}.next(), std::nullopt);
}

TEST(FairQueue, TenantsShareEquallyWhateverTheirJobsAndPriorities) {
  FairQueue queue;
  queue.add(kAcme, kA, 9);
  queue.add(kAcme, kB, 9);
  queue.add(kZeta, kC, 0);
  auto served = serve(queue, 1000);
  EXPECT_NEAR(served[kC], 500, 2);
  EXPECT_NEAR(served[kA], 250, 12);
  EXPECT_NEAR(served[kB], 250, 12);
}

TEST(FairQueue, PriorityIsAShareWithinTheTenantAndNobodyStarves) {
  FairQueue queue;
  queue.add(kAcme, kA, 9);
  queue.add(kAcme, kB, 4);
  queue.add(kAcme, kC, 0);
  auto served = serve(queue, 1600);
  EXPECT_NEAR(served[kA], 1000, 10);
  EXPECT_NEAR(served[kB], 500, 10);
  EXPECT_NEAR(served[kC], 100, 2);
}

TEST(FairQueue, PriceIsWorkedOffLater) {
  FairQueue queue(256);
  queue.add(kAcme, kA, 5);
  queue.add(kZeta, kB, 5);
  std::map<JobNumber, std::int64_t> units;
  for (int i = 0; i < 2000; ++i) {
    const JobNumber job = *queue.next();
    const std::int64_t price = job == kA ? 500 : 100;
    queue.charge(job, price);
    units[job] += price;
  }
  EXPECT_NEAR(static_cast<double>(units[kA]), static_cast<double>(units[kB]), 1000);
}

TEST(FairQueue, NextIsTheSameUntilCharged) {
  FairQueue queue;
  queue.add(kAcme, kA, 0);
  queue.add(kAcme, kB, 0);
  const auto first = queue.next();
  EXPECT_EQ(queue.next(), first);
  queue.charge(*first, 1);
  EXPECT_NE(queue.next(), first);
}

TEST(FairQueue, AfterAJobThatLeavesItsSuccessorIsNext) {
  FairQueue queue;
  for (const JobNumber job : {kA, kB, kC}) queue.add(kAcme, job, 0);
  for (const JobNumber job : {kA, kB}) {
    ASSERT_EQ(queue.next(), job);
    queue.charge(job, 1);
  }
  queue.remove(kB);
  EXPECT_EQ(queue.next(), kC);
}

// B empties with every turn and comes back; C waits behind it each time.
TEST(FairQueue, JobThatComesAndGoesDoesNotRobItsSuccessor) {
  FairQueue queue;
  queue.add(kAcme, kA, 0);
  queue.add(kAcme, kB, 0);
  queue.add(kAcme, kC, 0);
  std::map<JobNumber, int> served;
  for (int i = 0; i < 300; ++i) {
    const JobNumber job = *queue.next();
    queue.charge(job, 1);
    ++served[job];
    if (job == kB) {
      queue.remove(kB);
      queue.add(kAcme, kB, 0);
    }
  }
  EXPECT_NEAR(served[kA], 100, 5);
  EXPECT_NEAR(served[kB], 100, 5);
  EXPECT_NEAR(served[kC], 100, 5);
}

TEST(FairQueue, AddOfPresentJobChangesItsPriority) {
  FairQueue queue;
  queue.add(kAcme, kA, 0);
  queue.add(kAcme, kB, 0);
  queue.add(kAcme, kA, 9);
  EXPECT_EQ(queue.size(), 2u);
  auto served = serve(queue, 1100);
  EXPECT_NEAR(served[kA], 1000, 10);
}

TEST(FairQueue, SurvivesRandomUse) {
  std::mt19937 random(7);
  FairQueue queue;
  std::map<std::uint32_t, bool> present;
  for (int i = 0; i < 100'000; ++i) {
    const std::uint32_t job = random() % 50;
    if (random() % 3 == 0) {
      present[job] = !present[job];
      if (present[job]) {
        queue.add(TenantNumber{job % 7}, JobNumber{job}, static_cast<int>(job % 10));
      } else {
        queue.remove(JobNumber{job});
      }
    }
    const auto next = queue.next();
    ASSERT_EQ(next.has_value(), !queue.empty());
    if (!next) continue;
    ASSERT_TRUE(present[static_cast<std::uint32_t>(*next)]);
    queue.charge(*next, 1);
  }
}

}  // namespace
}  // namespace hongyan::scheduler
