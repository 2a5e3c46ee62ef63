#include "base/secret.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <ostream>
#include <sstream>
#include <string>
#include <sys/prctl.h>
#include <type_traits>

namespace hongyan {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_constructible_v<std::string, Secret>);
static_assert(!Printable<Secret> && !fmt::is_formattable<Secret>::value);

// The flags of the mapping that holds `address`, from /proc/self/smaps: "rd wr mr mw me dd".
std::string mapping_flags(const void* address) {
  std::ifstream maps("/proc/self/smaps");
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  bool ours = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t first = 0;
    std::uintptr_t last = 0;
    char dash = 0;
    std::istringstream range(line);
    if (range >> std::hex >> first >> dash >> last && dash == '-')
      ours = first <= wanted && wanted < last;
    if (ours && line.starts_with("VmFlags:")) return line;
  }
  return {};
}

TEST(Secret, TakingAStringWipesIt) {
  std::string text = "a password that is longer than a small string";
  text.reserve(200);
  text.resize(20);
  const char* const was = text.data();
  const Secret secret = Secret::take(text);
  EXPECT_EQ(secret.reveal(), "a password that is l");
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(std::string(was, 45), std::string(45, '\0'));
}

TEST(Secret, MovingLeavesNothingBehind) {
  Secret a = Secret::copy_of("one");
  Secret b = std::move(a);
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): that is the rule
  b = Secret::copy_of("another");
  EXPECT_EQ(b.reveal(), "another");
  b = std::move(*&b);
  EXPECT_EQ(b.reveal(), "another");
}

TEST(Secret, CuttingWipesTheRest) {
  Secret secret = Secret::copy_of("code and more");
  secret.cut(4);
  EXPECT_EQ(secret.reveal(), "code");
  EXPECT_EQ(std::string(secret.reveal().data() + 4, 9), std::string(9, '\0'));
}

TEST(Secret, IsComparedWhole) {
  EXPECT_EQ(Secret::copy_of("abc"), Secret::copy_of("abc"));
  EXPECT_FALSE(Secret::copy_of("abc") == Secret::copy_of("abd"));
  EXPECT_FALSE(Secret::copy_of("abc") == Secret::copy_of("ab"));
  EXPECT_EQ(Secret(), Secret::copy_of(""));
}

TEST(Secret, StaysOutOfCoreDumps) {
  const Secret secret = Secret::copy_of("abc");
  const std::string flags = mapping_flags(secret.reveal().data());
  EXPECT_NE(flags.find(" dd"), std::string::npos) << flags;
}

TEST(Secret, AProcessCanForbidItsCoreDumps) {
  const int before = prctl(PR_GET_DUMPABLE);
  forbid_core_dumps();
  EXPECT_EQ(prctl(PR_GET_DUMPABLE), 0);
  prctl(PR_SET_DUMPABLE, before);
}

}  // namespace
}  // namespace hongyan
