#include "store/library.h"

#include "tests/integration/store/store_fixture.h"

namespace hongyan::store::test {
namespace {

using namespace std::chrono_literals;

class Library : public StoreTest {};

TEST_F(Library, SourceNamesTheLibraryAndItsRevisionOnce) {
  const std::string source = library_source();
  EXPECT_TRUE(source.starts_with("#!lua name=hongyan1\n"));
  EXPECT_EQ(source.find("@REVISION@"), std::string::npos);
}

TEST_F(Library, RedisReportsTheRevisionOfThisProgram) {
  EXPECT_EQ(call({"FCALL", "hongyan1_revision", "0"}).integer(), kLibraryRevision);
}

TEST_F(Library, LoadingAgainChangesNothing) {
  const auto again = client().run(ensure_functions(client().client(), async::Deadline::in(10s)));
  EXPECT_TRUE(again);
}

TEST_F(Library, NewerRevisionInRedisIsRefused) {
  std::string newer = library_source();
  const std::string mine = "return " + std::to_string(kLibraryRevision) + " end";
  const auto at = newer.find(mine);
  ASSERT_NE(at, std::string::npos);
  newer.replace(at, mine.size(), "return " + std::to_string(kLibraryRevision + 1) + " end");
  ASSERT_FALSE(call({"FUNCTION", "LOAD", "REPLACE", newer}).is_error());
  const auto refused = client().run(ensure_functions(client().client(), async::Deadline::in(10s)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "redis-functions-newer");
  ASSERT_FALSE(call({"FUNCTION", "LOAD", "REPLACE", library_source()}).is_error());
}

}  // namespace
}  // namespace hongyan::store::test
